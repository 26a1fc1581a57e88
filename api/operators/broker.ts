/** The broker's queues as an operator looks at them: how it is, or why it cannot be told. */
import type { QueueCount, QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { DEAD_LETTERS, RETRY_RUNGS, UNFILED } from '../../shared/rabbitmq/topology.js';

export interface BrokerView {
  /** Undefined while the broker answers. */
  readonly silent: string | undefined;
  /** By name; one that is missing at the broker is not there. */
  readonly queues: ReadonlyMap<string, QueueCount>;
  /** Messages that wait on the retry ladder, of all actors. */
  readonly retrying: number;
  /** Dead letters that the worker could not file. */
  readonly unfiled: number;
}

const RUNGS = RETRY_RUNGS.map(({ name }) => name);

/** @param actors whose queues are looked at */
export async function viewBroker(counts: Pick<QueueCounts, 'count'>, actors: readonly string[]): Promise<BrokerView> {
  const counted = await counts.count([...actors, DEAD_LETTERS, UNFILED, ...RUNGS]);
  const queues = new Map((counted ?? []).map((count) => [count.queue, count]));
  const waiting = (name: string): number => queues.get(name)?.waiting ?? 0;
  return {
    silent: counted === undefined ? 'RabbitMQ does not answer web' : undefined,
    queues,
    retrying: RUNGS.reduce((sum, name) => sum + waiting(name), 0),
    unfiled: waiting(UNFILED),
  };
}
