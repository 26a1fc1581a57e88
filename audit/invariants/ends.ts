/** 2: every order comes to one end, and came there by the steps of the saga. */
import { isAtItsEnd, OrderCancelled } from '../../workers/orders/messages.js';
import { OrderShipped } from '../../workers/shipping/messages.js';
import { countOf, type Dossier } from '../dossier.js';
import type { Invariant } from '../invariant.js';
import { faultOfHistory } from '../saga-history.js';

export const ends: Invariant = {
  number: 2,
  title: 'ends',
  checks: [
    {
      what: 'an order is at its end',
      holds: 'when-quiet',
      judge: async () => atItsEnd,
    },
    {
      what: 'an order has one terminal event, that of its status',
      holds: 'once-settled',
      judge: async () => oneTerminalEvent,
    },
    {
      what: 'the event log, folded through the saga, gives its status by legal steps',
      holds: 'once-settled',
      judge: async () => (order) => {
        const fault = faultOfHistory(order);
        return fault === undefined ? [] : [fault];
      },
    },
  ],
};

export function atItsEnd(order: Dossier): string[] {
  return isAtItsEnd(order.progress) ? [] : [`is still ${order.progress.status}`];
}

export function oneTerminalEvent(order: Dossier): string[] | undefined {
  if (!isAtItsEnd(order.progress)) return undefined;
  const { status } = order.progress;
  const expected: [string, number][] = [
    [OrderShipped.name, status === 'SHIPPED' ? 1 : 0],
    [OrderCancelled.name, status === 'CANCELLED' ? 1 : 0],
  ];
  return expected.flatMap(([type, times]) => {
    const found = countOf(order, type);
    return found === times ? [] : [`is ${status}, and ${type} stands ${found} times in its log`];
  });
}
