/** 4: customers pay for what is shipped, once, and for nothing else: by the provider's books, not by ours. */
import { isAtItsEnd } from '../../workers/orders/messages.js';
import type { Dossier } from '../dossier.js';
import type { Evidence } from '../evidence.js';
import { grouped } from '../grouped.js';
import type { Found, Invariant, Judge } from '../invariant.js';
import type { BookEntry } from '../sources/provider-books.js';
import { notThere } from '../strangers.js';

type ByBooks = (order: Dossier, entries: readonly BookEntry[]) => readonly string[] | undefined;

const byBooks =
  (judge: ByBooks) =>
  async ({ sources }: Evidence): Promise<Judge> => {
    const books = await sources.provider();
    return (order) => judge(order, books.of(order.id));
  };

export const money: Invariant = {
  number: 4,
  title: 'money',
  checks: [
    {
      what: 'captured less refunded is the total of what is shipped, and nothing for the rest',
      holds: 'once-settled',
      judge: byBooks(paidRight),
    },
    {
      what: 'nothing is held for an order at its end',
      holds: 'once-settled',
      judge: byBooks(nothingHeld),
    },
    {
      what: 'one authorization, one charge, one refund an order',
      holds: 'always',
      judge: byBooks(oncePerStep),
    },
    {
      what: 'no idempotency key came with two bodies',
      holds: 'always',
      judge: byBooks((_, entries) =>
        entries.length === 0
          ? undefined
          : entries
              .filter(({ kind }) => kind === 'key-reused')
              .map(({ idempotencyKey }) => `key ${idempotencyKey} came with two bodies`),
      ),
    },
    {
      what: 'nothing was done for an order that is not there',
      holds: 'always',
      find: forNobody,
    },
  ],
};

export function paidRight(order: Dossier, entries: readonly BookEntry[]): string[] | undefined {
  if (!isAtItsEnd(order.progress)) return undefined;
  const { amount, currency } = order.total;
  const due = order.progress.status === 'SHIPPED' ? amount : 0;
  const paid = sumOf(entries, 'captured') - sumOf(entries, 'refunded');
  const foreign = entries.filter((entry) => 'currency' in entry && entry.currency !== currency);
  return [
    ...(paid === due ? [] : [`is ${order.progress.status}; ${paid} ${currency} stay paid where ${due} are due`]),
    ...foreign.map(({ kind }) => `was ${kind} in another currency than ${currency}`),
  ];
}

export function nothingHeld(order: Dossier, entries: readonly BookEntry[]): string[] | undefined {
  if (!isAtItsEnd(order.progress)) return undefined;
  const over = new Set(entries.flatMap((entry) => ('authorizationIds' in entry ? entry.authorizationIds : [])));
  const held = entries.flatMap((entry) => (entry.kind === 'authorized' && !over.has(entry.id) ? [entry] : []));
  return held.map(
    ({ id, amount, currency }) => `is ${order.progress.status}, and ${id} still holds ${amount} ${currency}`,
  );
}

const STEPS = ['authorized', 'captured', 'refunded'] as const;

export function oncePerStep(_: Dossier, entries: readonly BookEntry[]): string[] | undefined {
  if (entries.length === 0) return undefined;
  const byKind = grouped(entries, ({ kind }) => kind);
  return STEPS.flatMap((step) => {
    const times = byKind.get(step)?.length ?? 0;
    return times > 1 ? [`was ${step} ${times} times`] : [];
  });
}

async function forNobody({ database, sources }: Evidence): Promise<Found> {
  const { orderIds } = await sources.provider();
  const strangers = await notThere(database, orderIds);
  return {
    checked: orderIds.length,
    violations: strangers.map((orderId) => ({
      orderId,
      what: 'the provider did something for it, and it is not there',
    })),
  };
}

const sumOf = (entries: readonly BookEntry[], kind: 'captured' | 'refunded'): number =>
  entries.reduce((sum, entry) => (entry.kind === kind ? sum + entry.amount : sum), 0);
