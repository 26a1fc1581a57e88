/**
 * Messages about orders that PostgreSQL does not know: whoever acts on the first that it hears of an order asks for it. The intake
 * stores an order before anybody hears of it, so such a message is of a database that was restored from a backup, or of nobody.
 */
import { storedOrders } from '../postgres/stored-orders.js';
import type { Work } from './work.js';

type Asked = Parameters<typeof storedOrders>[0];

/** Ids of the orders that are not stored, of those whose handlers want them to be. */
export async function unknownOrders(database: Asked, works: readonly Work[]): Promise<ReadonlySet<string>> {
  const orderIds = new Set(
    works.flatMap(({ handler, message }) => (handler.storedOrder ? [message.correlationId] : [])),
  );
  if (orderIds.size === 0) return NONE;
  const stored = await storedOrders(database, [...orderIds]);
  return stored.size === orderIds.size ? NONE : new Set([...orderIds].filter((id) => !stored.has(id)));
}

/** Whether the work is not to be done, as its order is not known. */
export const isOfUnknown = ({ handler, message }: Work, unknown: ReadonlySet<string>): boolean =>
  handler.storedOrder && unknown.has(message.correlationId);

const NONE: ReadonlySet<string> = new Set();
