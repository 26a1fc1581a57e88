/** 9: nothing happens without its cause, nor before what it needs. By causation ids: clocks may disagree. */
import { StockReserved } from '../../workers/inventory/messages.js';
import { OrderConfirmed, OrderReady } from '../../workers/orders/messages.js';
import { PaymentAuthorized, PaymentCaptured } from '../../workers/payment/messages.js';
import { OrderShipped } from '../../workers/shipping/messages.js';
import type { Dossier, Logged } from '../dossier.js';
import type { Listener } from '../evidence.js';
import type { Invariant } from '../invariant.js';
import { findSetWise, since } from '../set-wise.js';

export const causes: Invariant = {
  number: 9,
  title: 'causes',
  checks: [
    {
      what: 'what an actor published has its cause in the log of the order',
      holds: 'once-settled',
      judge:
        async ({ listeners }) =>
        (order) =>
          order.messages.length === 0 ? undefined : caused(order, listeners),
    },
    {
      what: 'reserved and authorized, then confirmed, captured, ready, shipped',
      holds: 'once-settled',
      judge: async () => inTurn,
    },
    {
      what: 'a message is about an order that is there',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; id: string; type: string }>(evidence, {
          count: `select count(*) from event_log where ${since('id')}`,
          faulty: `select correlation_id as "orderId", id, type from event_log as log
                   where ${since('id')} and not exists (select from orders where orders.id = log.correlation_id)`,
          violation: ({ orderId, id, type }) => ({
            orderId,
            subject: `message ${id}`,
            what: `${type} is about it, and it is not there`,
          }),
        }),
    },
  ],
};

/** Callers from outside have no cause to name. */
export function caused(
  { messages, edited }: Pick<Dossier, 'messages' | 'edited'>,
  listeners: readonly Listener[],
): string[] {
  const ids = new Set([...messages, ...edited].map(({ id }) => id));
  const actors = new Set(listeners.map(({ actor }) => actor));
  return messages.flatMap(({ type, producer, causationId }) => {
    if (causationId === null) return actors.has(producer) ? [`${type} of ${producer} names no cause`] : [];
    return ids.has(causationId) ? [] : [`${type} names a cause that is not in its log`];
  });
}

/** What has to be there before. */
const NEEDS: ReadonlyMap<string, readonly string[]> = new Map([
  [OrderConfirmed.name, [StockReserved.name, PaymentAuthorized.name]],
  [PaymentCaptured.name, [OrderConfirmed.name]],
  [OrderReady.name, [PaymentCaptured.name]],
  [OrderShipped.name, [OrderReady.name]],
]);

/** Before: it stands in the log, and did not come of what it is needed for. */
export function inTurn({ messages, edited }: Pick<Dossier, 'messages' | 'edited'>): string[] | undefined {
  const byId = new Map([...messages, ...edited].map((message) => [message.id, message]));
  const later = messages.filter(({ type }) => NEEDS.has(type));
  if (later.length === 0) return undefined;
  return later.flatMap((message) =>
    (NEEDS.get(message.type) ?? []).flatMap((needed) => {
      const before = messages.filter(({ type }) => type === needed);
      if (before.length === 0) return [`${message.type} without ${needed}`];
      return before.every((one) => cameOf(one, message.id, byId)) ? [`${needed} came of ${message.type}`] : [];
    }),
  );
}

function cameOf(message: Logged, causeId: string, byId: ReadonlyMap<string, Logged>): boolean {
  const passed = new Set<string>();
  for (let cause = message.causationId; cause !== null && !passed.has(cause); ) {
    if (cause === causeId) return true;
    passed.add(cause);
    cause = byId.get(cause)?.causationId ?? null;
  }
  return false;
}
