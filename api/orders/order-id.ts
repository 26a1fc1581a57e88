/** What an order id in a path tells. */
import { validate, version } from 'uuid';
import { Problem } from '../problem.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The order id of a path, in lower case.
 * @throws {Problem} `order.not-found`: what is no order id is nobody's order
 */
export function orderIdOf({ id }: { readonly id: string }): string {
  if (validate(id) && version(id) === 7) return id.toLowerCase();
  throw orderNotFound();
}

export const orderNotFound = (): Problem =>
  new Problem('order.not-found', 'Check the id; an order is seen only by the storefront that placed it.');

/**
 * The least id that a message about any of the orders can have: a day before the oldest, for clocks that disagree. With
 * it a search leaves out the older partitions of the event log.
 */
export function leastMessageId(orderIds: readonly string[]): string {
  const madeAt = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
  const least = Math.max(0, Math.min(...orderIds.map(madeAt)) - DAY_MS);
  const hex = least.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
