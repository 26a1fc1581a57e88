/** The queues of the actors, as an operator looks at them: what waits, who consumes, and what operators have set. */
import type { Database } from '../../../shared/postgres/database.js';
import { measureLag } from '../../../shared/postgres/lag.js';
import { type QueuePause, queueSettings, settingFor } from '../../../shared/postgres/queue-settings.js';
import type { BrokerView } from '../broker.js';
import type { FleetActor } from '../fleet.js';

export interface QueueView {
  readonly actor: string;
  /** Null while the broker does not tell, or the queue is not there. */
  readonly ready: number | null;
  readonly consumers: number | null;
  /** Of what it has to handle and has not, in milliseconds; null when there is nothing. */
  readonly oldestWaitingMs: number | null;
  /** Null: its processes consume. */
  readonly paused: QueuePause | null;
  readonly prefetch: {
    /** By an operator, for all processes; null: each has what its environment says, or what is declared. */
    readonly set: number | null;
    readonly declared: number;
  };
}

/** What an operator does about a pause that is over. */
export const resumeOf = (actor: string): string => `warren queues resume ${actor} --reason "WHAT WAS MENDED"`;

export async function viewQueues(
  database: Database,
  actors: readonly FleetActor[],
  broker: BrokerView,
): Promise<QueueView[]> {
  const bound = actors.map(({ name, contracts }) => ({ actor: name, types: [...contracts.keys()] }));
  const lagOf = new Map((await measureLag(database, bound)).map(({ actor, lagMs }) => [actor, lagMs]));
  const set = await queueSettings(
    database,
    actors.map(({ name }) => name),
  );
  return actors.map(({ name, prefetch: declared }) => {
    const { paused, prefetch } = settingFor(name, set);
    return {
      actor: name,
      ready: broker.queues.get(name)?.waiting ?? null,
      consumers: broker.queues.get(name)?.consumers ?? null,
      oldestWaitingMs: lagOf.get(name) || null,
      paused,
      prefetch: { set: prefetch, declared },
    };
  });
}
