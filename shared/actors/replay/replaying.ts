/**
 * Works on the replays that are for one actor: rehearses them, and when somebody has started one, sends its messages to the
 * actor's queue. The actor's own processes do it: they alone have its handlers with their settings, and know what is an effect.
 */
import { newId } from '../../messaging/message-id.js';
import { fitting } from '../../messaging/type-pattern.js';
import { failpoint } from '../../observability/failpoint.js';
import type { Logger } from '../../observability/log.js';
import { reasonOf } from '../../observability/reason.js';
import { leaseReplay, noteRehearsal, noteTrouble, type Replay } from '../../postgres/replays.js';
import type { ActorDefinition } from '../definition.js';
import type { ProcessParts } from '../process-parts.js';
import { Rounds } from '../rounds.js';
import { DryRun } from './dry-run.js';
import { replayStep } from './step.js';

/** Well past the broker's time to confirm: who is silent for longer is dead, and another process goes on. */
const LEASE_MS = 20_000;
const IDLE_MS = 1000;
/** A rehearsal works for so long, and then leaves the database to others for as long. */
const REHEARSES_FOR_MS = 200;

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
  let dryRun: DryRun | undefined;
  const rehearse = async (replay: Replay): Promise<DryRun | undefined> => {
    const running = dryRun ?? new DryRun(replay, typesMeant(replay, actor), { actor, instance, database, release });
    // Whatever goes wrong, it begins anew.
    dryRun = undefined;
    try {
      await running.goOn(REHEARSES_FOR_MS);
    } catch (error) {
      await noteTrouble(database, { id: replay.id, holder }, `it begins anew after this: ${reasonOf(error)}`);
      throw error;
    }
    const held = await noteRehearsal(database, { id: replay.id, holder, leaseMs }, running.found);
    if (held && running.found.done) tell(log, 'rehearsed', replay, running);
    return held && !running.found.done ? running : undefined;
  };
  return new Rounds(async () => {
    if (dryRun !== undefined) {
      dryRun = await rehearse(dryRun.replay);
      return REHEARSES_FOR_MS;
    }
    const replay = await leaseReplay(database, { actor: actor.name, holder, leaseMs });
    if (replay === undefined) return IDLE_MS;
    failpoint('replay-leased');
    if (replay.status === 'rehearsing') {
      dryRun = await rehearse(replay);
      return REHEARSES_FOR_MS;
    }
    const types = Object.keys(replay.rehearsal?.types ?? {});
    const unknown = types.find((type) => !actor.handlers.has(type));
    if (unknown !== undefined) {
      await noteTrouble(
        database,
        { id: replay.id, holder },
        `release ${release} does not take ${unknown}; a process of release ${replay.rehearsal?.release} has to go on`,
      );
      return IDLE_MS;
    }
    return Math.min(IDLE_MS, await replayStep(replay, { actor, types, database, publisher, holder, log }));
  }, log);
}

/** Of what the actor takes, what the replay means. */
const typesMeant = ({ types }: Replay, { handlers }: ActorDefinition): string[] =>
  [...handlers.keys()].filter(fitting(types));

function tell(log: Logger, what: string, { id, actor }: Replay, { found: { total, toSend } }: DryRun): void {
  log.info({ replay: id, actor, total, toSend }, what);
}
