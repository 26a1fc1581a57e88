/** A replay as an operator sees it. Pure. */
import type { Rehearsal } from '../../../shared/postgres/replay-rehearsal.js';
import { type Replay, type ReplayStatus, replayTimes } from '../../../shared/postgres/replays.js';

export interface ReplayView {
  readonly id: string;
  readonly to: string;
  /** Null for what came from a file: that is meant whole. */
  readonly from: Date | null;
  /** Not included. */
  readonly until: Date | null;
  readonly types: string | null;
  readonly order: string | null;
  readonly effects: boolean;
  readonly imported: boolean;
  readonly perSecond: number;
  readonly status: ReplayStatus;
  readonly rehearsal: Rehearsal | null;
  /** Messages that it means; null until the rehearsal is done. */
  readonly total: number | null;
  readonly sent: number;
  readonly skipped: number;
  readonly effectsOff: number;
  readonly refused: number;
  readonly failed: number;
  readonly inFlight: number;
  readonly trouble: string | null;
  readonly madeBy: string;
  readonly reason: string;
  readonly madeAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export function replayView(replay: Replay): ReplayView {
  const { id, actor, types, order, effects, imported, perSecond, status, rehearsal } = replay;
  const { sent, skipped, effectsOff, refused, failed, inFlight, trouble } = replay;
  const { madeBy, reason, madeAt, startedAt, finishedAt } = replay;
  return {
    ...{ id, to: actor, ...timesOf(replay), types, order, effects, imported, perSecond, status, rehearsal },
    total: rehearsal?.done === true ? rehearsal.total : null,
    ...{ sent, skipped, effectsOff, refused, failed, inFlight: inFlight.length, trouble },
    ...{ madeBy, reason, madeAt, startedAt, finishedAt },
  };
}

const timesOf = (replay: Replay): Pick<ReplayView, 'from' | 'until'> =>
  replay.imported ? { from: null, until: null } : replayTimes(replay);
