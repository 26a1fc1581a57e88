/** What happens to one message: validate, act on the outside world, one transaction, send what follows from it. */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { inTransaction, type Transaction } from './database.js';
import { type Message, type MessageName, newMessage, type Outgoing, outgoingOf, type Payloads } from './messages.js';
import { deliverySeconds } from './metrics.js';
import { type Outbox, store } from './outbox.js';
import type { WorkerName } from './topology.js';

/** Done in the message's transaction; returns what follows from it. */
export type Work = (transaction: Transaction) => Promise<readonly Outgoing[]>;

/** Acts on the outside world first, where it has to, so that no transaction waits for others. */
export type Steps = { readonly [N in MessageName]?: (payload: Payloads[N]) => Work | Promise<Work> };

/** A message as a library hands it over. */
export interface Delivered {
  readonly id: unknown;
  readonly name: string;
  readonly content: Buffer;
  readonly redelivered: boolean;
}

/** `dead`: it will never be handled, and belongs to the dead letters. */
export type Outcome = 'done' | 'dead';

/** @throws whatever may be different next time: then the message is to come again */
export type Deliver = (delivered: Delivered) => Promise<Outcome>;

export interface Delivering {
  readonly worker: WorkerName;
  readonly steps: Steps;
  readonly pool: Pool;
  readonly outbox: Outbox;
  readonly log: Logger;
}

export function delivery({ worker, steps, pool, outbox, log }: Delivering): Deliver {
  return async (delivered) => {
    const stop = deliverySeconds.startTimer({ message: delivered.name });
    const received = read(delivered);
    const step = received && stepOf(steps, received);
    if (received === undefined || step === undefined) {
      log.error({ messageId: delivered.id, message: delivered.name }, 'not a message for this worker');
      stop({ outcome: 'dead' });
      return 'dead';
    }
    try {
      if (!delivered.redelivered || !(await isHandled(pool, worker, received.id))) {
        const work = await step();
        const messages = await inTransaction(pool, async (transaction) => {
          if (!(await claim(transaction, worker, received.id))) return [];
          const following = (await work(transaction)).map((outgoing) => newMessage(outgoing, received.id));
          await store(transaction, following, worker);
          return following;
        });
        await outbox.send(messages);
      }
      stop({ outcome: 'done' });
      return 'done';
    } catch (error) {
      log.warn({ error, messageId: received.id, orderId: received.payload.orderId }, 'failed; it comes again');
      stop({ outcome: 'failed' });
      throw error;
    }
  };
}

function read({ id, name, content }: Delivered): Message | undefined {
  try {
    const outgoing = outgoingOf(name, JSON.parse(content.toString()));
    return outgoing === undefined || typeof id !== 'string' ? undefined : { ...outgoing, id, causationId: null };
  } catch {
    return undefined;
  }
}

function stepOf<N extends MessageName>(steps: Steps, message: { readonly name: N; readonly payload: Payloads[N] }) {
  const step = steps[message.name];
  return step && (() => step(message.payload));
}

/** False when the message was handled before: its id is in the inbox, with all that was done. */
async function claim(transaction: Transaction, worker: WorkerName, id: string): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'claim-inbox',
    text: 'insert into inbox (message_id, actor) values ($1, $2) on conflict do nothing',
    values: [id, worker],
  });
  return rowCount === 1;
}

/** Spares a redelivery its effects. */
async function isHandled(pool: Pool, worker: WorkerName, id: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'look-in-inbox',
    text: 'select 1 from inbox where message_id = $1 and actor = $2',
    values: [id, worker],
  });
  return rowCount === 1;
}
