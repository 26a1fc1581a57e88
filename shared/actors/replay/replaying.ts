/**
 * Works on the replays that are for one actor: rehearses them, and when somebody has started one, sends its messages to the
 * actor's queue. The actor's own processes do it: they alone have its handlers with their settings, and know what is an effect.
 */
import { newId } from '../../messaging/message-id.js';
import { failpoint } from '../../observability/failpoint.js';
import { Rest } from '../../observability/rest.js';
import { leaseReplay, noteTrouble, type Replay } from '../../postgres/replays.js';
import type { ActorDefinition } from '../definition.js';
import type { ProcessParts } from '../process-parts.js';
import { Rounds } from '../rounds.js';
import { Rehearsing } from './rehearsing.js';
import { replayStep } from './step.js';

/** Well past the broker's time to confirm: who is silent for longer is dead, and another process goes on. */
const LEASE_MS = 20_000;
const IDLE_MS = 1000;
/** A rehearsal leaves the database to others for as long as it works. */
const BETWEEN_SLICES_MS = 200;

export interface ReplayingOptions extends Pick<ProcessParts, 'database' | 'publisher' | 'release' | 'log'> {
  /** How long this process may be silent before another goes on, in milliseconds. @default 20_000 */
  readonly leaseMs?: number;
}

/** @param instance of the actor; its methods are the handlers */
export function replaying(
  actor: ActorDefinition,
  instance: Readonly<Record<string, unknown>>,
  { database, publisher, release, log, leaseMs = LEASE_MS }: ReplayingOptions,
): Rounds {
  const holder = newId();
  const rehearsing = new Rehearsing({ actor, instance, database, release, holder, leaseMs, log });
  /** Returns after how many milliseconds there is more to do. */
  const send = async (replay: Replay): Promise<number> => {
    const types = Object.keys(replay.rehearsal?.types ?? {});
    const unknown = types.find((type) => !actor.handlers.has(type));
    if (unknown === undefined) return replayStep(replay, { actor, types, database, publisher, holder, log });
    await noteTrouble(
      database,
      { id: replay.id, holder },
      `release ${release} does not take ${unknown}; a process of release ${replay.rehearsal?.release} has to go on`,
    );
    return IDLE_MS;
  };
  const rest = new Rest();
  return new Rounds(
    'replays',
    async () => {
      await rehearsing.goOn();
      const statuses = rehearsing.underWay ? (['running'] as const) : (['rehearsing', 'running'] as const);
      const replay = await leaseReplay(database, { actor: actor.name, statuses, holder, leaseMs });
      const idleMs = rehearsing.underWay ? BETWEEN_SLICES_MS : rest.pauseMs(IDLE_MS);
      if (replay === undefined) return idleMs;
      failpoint('replay-leased');
      if (replay.status === 'running') return Math.min(idleMs, await send(replay));
      rehearsing.begin(replay);
      return 0;
    },
    log,
  );
}
