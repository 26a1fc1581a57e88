/** Who listens to what, and the queues it waits in. Pure, but for `declare`. */
import type { Channel } from 'amqplib';
import { exchangeOf, type MessageName } from './messages.js';

export type WorkerName = 'orders' | 'inventory' | 'payment' | 'shipping' | 'email';

export const LISTENS_TO: Readonly<Record<WorkerName, readonly MessageName[]>> = {
  orders: [
    'inventory.stock-reserved',
    'inventory.stock-reservation-failed',
    'inventory.stock-released',
    'payment.payment-authorized',
    'payment.payment-declined',
    'payment.payment-captured',
    'payment.payment-voided',
    'shipping.order-shipped',
  ],
  inventory: ['orders.order-placed', 'orders.order-cancelled', 'shipping.order-shipped'],
  payment: ['orders.order-placed', 'orders.order-confirmed', 'orders.order-cancelled'],
  shipping: ['orders.order-ready'],
  email: ['orders.order-confirmed', 'orders.order-cancelled', 'shipping.order-shipped'],
};
export const WORKERS = ['orders', 'inventory', 'payment', 'shipping', 'email'] as const satisfies readonly WorkerName[];

const DEAD_LETTERS = 'dead-letters';

/** Of a worker's queue: replicated, and what cannot be handled goes to the dead letters. */
export const QUEUE_ARGUMENTS = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': 20,
  'x-dead-letter-exchange': DEAD_LETTERS,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};

export const bindingsOf = (worker: WorkerName): { readonly exchange: string; readonly routingKey: string }[] =>
  LISTENS_TO[worker].map((name) => ({ exchange: exchangeOf(name), routingKey: name }));

/** Before any process starts: what is published before its listener was ever up has to find its queue. */
export async function declare(channel: Channel): Promise<void> {
  await channel.assertExchange(DEAD_LETTERS, 'fanout');
  await channel.assertQueue(DEAD_LETTERS, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.bindQueue(DEAD_LETTERS, DEAD_LETTERS, '');
  for (const owner of WORKERS) await channel.assertExchange(owner, 'topic', { durable: true });
  for (const worker of WORKERS) {
    await channel.assertQueue(worker, { durable: true, arguments: QUEUE_ARGUMENTS });
    for (const { exchange, routingKey } of bindingsOf(worker)) await channel.bindQueue(worker, exchange, routingKey);
  }
}
