/** What an order id in a path tells. */
import { validate, version } from 'uuid';
import { idTimeMs, leastId } from '../../shared/messaging/message-id.js';
import Type from '../../shared/messaging/typebox.js';
import { Problem } from '../problem.js';

/** What is no order id is nobody's order, so nothing more is asked of it here. */
export const OrderPath = Type.Object({ id: Type.String({ examples: ['01a1fdae-bab7-75aa-9b14-fc707aeff401'] }) });

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
  return leastId(Math.max(0, Math.min(...orderIds.map(idTimeMs)) - DAY_MS));
}
