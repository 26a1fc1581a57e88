/** How the fleet is, in figures. */
import { countStanding } from '../../../shared/postgres/dead-letter-list.js';
import { outboxBacklog } from '../../../shared/postgres/outbox.js';
import { type OpenCircuit, openCircuits } from '../../../shared/postgres/provider-circuits.js';
import { timersBacklog } from '../../../shared/postgres/timers.js';
import { viewBroker } from '../broker.js';
import type { Operating } from '../operating.js';
import { type QueueView, viewQueues } from '../queues/queue-view.js';
import { type OrderCounts, orderCounts } from './order-counts.js';

export interface Standing {
  readonly open: number;
  readonly held: number;
  readonly redriving: number;
}

export interface ActorStatus extends QueueView {
  /** Full names of the messages that it handles. */
  readonly handles: readonly string[];
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
  const broker = await viewBroker(
    queues,
    actors.map(({ name }) => name),
  );
  // One after the other: an operator who looks takes one of the connections that orders need.
  const letters = await countStanding(database);
  const views = await viewQueues(database, actors, broker);
  const handled = new Map(actors.map(({ name, contracts }) => [name, [...contracts.keys()]]));
  const standing = (of: (actor: string) => boolean): Standing => {
    const count = (status: string): number =>
      letters.filter((one) => of(one.actor) && one.status === status).reduce((sum, one) => sum + one.count, 0);
    return { open: count('open'), held: count('held'), redriving: count('redriving') };
  };
  return {
    rabbitmq: broker.silent === undefined ? { reachable: true } : { reachable: false, why: broker.silent },
    actors: views.map((view) => ({
      ...view,
      handles: handled.get(view.actor) ?? [],
      deadLetters: standing((actor) => actor === view.actor),
    })),
    circuits: await openCircuits(database),
    outbox: await outboxBacklog(database),
    timers: await timersBacklog(database),
    deadLetters: { ...standing(() => true), unfiled: broker.unfiled },
    retrying: broker.retrying,
    orders: await orderCounts(database),
  };
}
