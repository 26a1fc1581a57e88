/** How the fleet is, in figures. */
import { countStanding } from '../../../shared/postgres/dead-letter-list.js';
import { measureLag } from '../../../shared/postgres/lag.js';
import { outboxBacklog } from '../../../shared/postgres/outbox.js';
import { type OpenCircuit, openCircuits } from '../../../shared/postgres/provider-circuits.js';
import { timersBacklog } from '../../../shared/postgres/timers.js';
import { viewBroker } from '../broker.js';
import type { Operating } from '../operating.js';
import { type OrderCounts, orderCounts } from './order-counts.js';

export interface Standing {
  readonly open: number;
  readonly held: number;
  readonly redriving: number;
}

export interface ActorStatus {
  readonly actor: string;
  /** Null while the broker does not tell, or the queue is not there. */
  readonly ready: number | null;
  readonly consumers: number | null;
  /** Of what it has to handle and has not, in milliseconds; null when there is nothing. */
  readonly oldestWaitingMs: number | null;
  readonly deadLetters: Standing;
}

export interface FleetStatus {
  readonly rabbitmq: { readonly reachable: boolean; readonly why?: string };
  readonly actors: readonly ActorStatus[];
  readonly circuits: readonly OpenCircuit[];
  readonly outbox: { readonly depth: number; readonly oldestMs: number };
  readonly timers: { readonly scheduled: number; readonly overdue: number; readonly overdueMs: number };
  readonly deadLetters: Standing & { readonly unfiled: number };
  /** Messages on the retry ladder. */
  readonly retrying: number;
  readonly orders: OrderCounts;
}

export async function fleetStatus({ database, actors: actorsOf, queues }: Operating): Promise<FleetStatus> {
  const actors = await actorsOf();
  const names = actors.map(({ name }) => name);
  const broker = await viewBroker(queues, names);
  // One after the other: an operator who looks takes one of the connections that orders need.
  const letters = await countStanding(database);
  const bound = actors.map(({ name, contracts }) => ({ actor: name, types: [...contracts.keys()] }));
  const lagOf = new Map((await measureLag(database, bound)).map(({ actor, lagMs }) => [actor, lagMs]));
  const standing = (of: (actor: string) => boolean): Standing => {
    const count = (status: string): number =>
      letters.filter((one) => of(one.actor) && one.status === status).reduce((sum, one) => sum + one.count, 0);
    return { open: count('open'), held: count('held'), redriving: count('redriving') };
  };
  return {
    rabbitmq: broker.silent === undefined ? { reachable: true } : { reachable: false, why: broker.silent },
    actors: names.map((name) => ({
      actor: name,
      ready: broker.queues.get(name)?.waiting ?? null,
      consumers: broker.queues.get(name)?.consumers ?? null,
      oldestWaitingMs: lagOf.get(name) || null,
      deadLetters: standing((actor) => actor === name),
    })),
    circuits: await openCircuits(database),
    outbox: await outboxBacklog(database),
    timers: await timersBacklog(database),
    deadLetters: { ...standing(() => true), unfiled: broker.unfiled },
    retrying: broker.retrying,
    orders: await orderCounts(database),
  };
}
