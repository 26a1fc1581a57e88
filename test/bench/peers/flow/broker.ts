/** What differs between the peers: how a library connects, publishes and consumes. */
import type { Logger } from 'pino';
import type { Deliver } from './delivery.js';
import type { Publish } from './outbox.js';
import type { WorkerName } from './topology.js';

export interface Connecting {
  readonly url: string;
  /** Shown in the broker's list of connections. */
  readonly name: string;
  readonly log: Logger;
  /** Of a worker: whose queue it takes from, and what is done with a message. */
  readonly consuming: Consuming | undefined;
  /** Called when the connection is gone for good: the process ends, and whoever runs it starts it again. */
  readonly lost: (reason: string) => void;
}

export interface Consuming {
  readonly worker: WorkerName;
  /** Its messages are acked once they are done, or go to the dead letters, or come again after a moment. */
  deliverBy(publish: Publish): Deliver;
}

export interface Broker {
  readonly publish: Publish;
  /** Begins nothing more, finishes what is begun, and closes. */
  close(): Promise<void>;
}

export type Connect = (connecting: Connecting) => Promise<Broker>;

/** Before a message that failed comes again, in milliseconds. */
export const AGAIN_AFTER_MS = 1000;
