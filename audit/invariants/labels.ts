/** 6: an order is shipped once, and only when it is paid for: by the carrier's books. */
import { isAtItsEnd } from '../../workers/orders/messages.js';
import type { Dossier } from '../dossier.js';
import type { Evidence } from '../evidence.js';
import type { Invariant, Judge } from '../invariant.js';
import type { BookEntry } from '../sources/provider-books.js';

const byBooks =
  (judge: (order: Dossier, entries: readonly BookEntry[]) => readonly string[] | undefined) =>
  async ({ sources }: Evidence): Promise<Judge> => {
    const books = await sources.provider();
    return (order) => judge(order, books.of(order.id));
  };

export const labels: Invariant = {
  number: 6,
  title: 'labels',
  checks: [
    {
      what: 'an order has one label at most, made after the charge',
      holds: 'always',
      judge: byBooks(oneLabel),
    },
    {
      what: 'a shipped order has the label that it tells of, and no other order has one',
      holds: 'once-settled',
      judge: byBooks(labelOfTheShipped),
    },
  ],
};

export function oneLabel(order: Dossier, entries: readonly BookEntry[]): string[] | undefined {
  const first = entries.findIndex(({ kind }) => kind === 'labelled');
  if (first === -1) return undefined;
  const made = entries.filter(({ kind }) => kind === 'labelled').length;
  // Nothing is charged for what is free.
  const charged = order.total.amount === 0 || entries.slice(0, first).some(({ kind }) => kind === 'captured');
  return [
    ...(made > 1 ? [`was given ${made} labels`] : []),
    ...(charged ? [] : ['was given a label before it was charged']),
  ];
}

export function labelOfTheShipped(order: Dossier, entries: readonly BookEntry[]): string[] | undefined {
  if (!isAtItsEnd(order.progress)) return undefined;
  const numbers = (wanted: BookEntry['kind']): string[] =>
    entries.flatMap((entry) => (entry.kind === wanted && 'trackingNumbers' in entry ? entry.trackingNumbers : []));
  const ended = new Set(numbers('label-cancelled'));
  const live = numbers('labelled').filter((number) => !ended.has(number));
  if (order.progress.status !== 'SHIPPED') {
    return live.map((number) => `is ${order.progress.status}, and its label ${number} is live`);
  }
  return order.trackingNumber !== undefined && live.includes(order.trackingNumber)
    ? []
    : [`is SHIPPED, and the carrier knows no live label ${order.trackingNumber ?? ''}`.trimEnd()];
}
