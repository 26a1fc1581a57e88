/**
 * Messages about orders that PostgreSQL does not know: whoever acts on the first that it hears of an order asks for it. The intake
 * stores an order before anybody hears of it, so such a message is of a database that was restored from a backup, or of nobody.
 */
import { storedOrders } from '../postgres/stored-orders.js';
import type { Work } from './work.js';

type Asked = Parameters<typeof storedOrders>[0];

/** Ids of the messages that are not to be handled, since their handlers want an order that is not stored. */
export async function ofUnknownOrders(database: Asked, works: readonly Work[]): Promise<ReadonlySet<string>> {
  const asking = works.filter(({ handler }) => handler.storedOrder);
  if (asking.length === 0) return NONE;
  const stored = await storedOrders(database, [...new Set(asking.map(({ message }) => message.correlationId))]);
  return new Set(asking.flatMap(({ message }) => (stored.has(message.correlationId) ? [] : [message.id])));
}

const NONE: ReadonlySet<string> = new Set();
