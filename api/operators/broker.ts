/** The broker's queues as an operator looks at them: how it is, or why it cannot be told. */

import { BrokerSilent, type QueueLook, type QueueLooks } from '../../shared/rabbitmq/queue-looks.js';
import { DEAD_LETTERS, RETRY_RUNGS, UNFILED } from '../../shared/rabbitmq/topology.js';

export interface BrokerView {
  /** Undefined while the broker answers. */
  readonly silent: string | undefined;
  /** By name; one that is missing at the broker is not there. */
  readonly queues: ReadonlyMap<string, QueueLook>;
  /** Messages that wait on the retry ladder, of all actors. */
  readonly retrying: number;
  /** Dead letters that the worker could not file. */
  readonly unfiled: number;
}

const RUNGS = RETRY_RUNGS.map(({ name }) => name);

/** @param actors whose queues are looked at */
export async function viewBroker(looks: Pick<QueueLooks, 'look'>, actors: readonly string[]): Promise<BrokerView> {
  try {
    const queues = await looks.look([...actors, DEAD_LETTERS, UNFILED, ...RUNGS]);
    const ready = (name: string): number => queues.get(name)?.ready ?? 0;
    return {
      silent: undefined,
      queues,
      retrying: RUNGS.reduce((sum, name) => sum + ready(name), 0),
      unfiled: ready(UNFILED),
    };
  } catch (error) {
    if (!(error instanceof BrokerSilent)) throw error;
    return { silent: error.message, queues: new Map(), retrying: 0, unfiled: 0 };
  }
}
