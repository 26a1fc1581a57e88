/** The closing table, and the same as one JSON object. Pure. */
import type { RetailFile } from '../retail/retail-file.js';
import { tableLines } from '../table.js';
import type { Percentiles, Summary } from './summary.js';

/** What was set up for the orders. */
export interface Shelves {
  readonly skus: number;
  /** SKUs that got too few pieces. */
  readonly short: number;
  /** SKUs for which the file has more than one price. */
  readonly severalPrices: number;
}

export interface Report {
  readonly file: RetailFile;
  /** Invoices of the file that were left out by --limit. */
  readonly beyondLimit: number;
  readonly shelves: Shelves;
  readonly summary: Summary;
  /** Stopped by a signal before everything was placed and ended. */
  readonly stopped: boolean;
}

/** Unaccounted orders that are named one by one. */
const NAMED = 10;

export function reportLines({ file, beyondLimit, shelves, summary, stopped }: Report): string[] {
  const { latencyMs, perSecond } = summary;
  return [
    ...tableLines([
      ['ORDERS', 'COUNT'],
      ['placed', count(summary.placed)],
      ['replayed: placed before with the same idempotency key', count(summary.replayed)],
      ...rows('refused: ', summary.refused),
      ['shipped', count(summary.shipped)],
      ...rows('cancelled: ', summary.cancelled),
      ...rows('asked to cancel: ', summary.cancellations),
      ['unaccounted for', count(summary.unaccounted.length)],
    ]),
    '',
    ...tableLines([
      ['LATENCY, ms', 'p50', 'p95', 'p99', 'max', 'ORDERS'],
      ['POST → 202', ...percentileCells(latencyMs.accepted)],
      ['placed → SHIPPED', ...percentileCells(latencyMs.shipped)],
      ['placed → CANCELLED', ...percentileCells(latencyMs.cancelled)],
    ]),
    '',
    ...tableLines([
      ['ORDERS A SECOND', ''],
      ['placed', perSecond.placed.toFixed(1)],
      ['shipped or cancelled', perSecond.ended.toFixed(1)],
    ]),
    '',
    ...tableLines([
      ['LINES OF THE FILE', 'COUNT'],
      ['order lines', count(file.lineCount - sum(file.skippedLines.values()))],
      ...rows('skipped: ', Object.fromEntries(file.skippedLines)),
    ]),
    '',
    ...notes({ file, beyondLimit, shelves, summary, stopped }),
  ];
}

function notes({ file, beyondLimit, shelves, summary, stopped }: Report): string[] {
  const { unaccounted, repeated, refused } = summary;
  return [
    stopped ? 'Stopped before the end: what follows is what is known so far.' : '',
    beyondLimit > 0 ? `${count(beyondLimit)} invoices were left out by --limit.` : '',
    file.invoicesWithoutOrder > 0 ? `${count(file.invoicesWithoutOrder)} invoices have no order line.` : '',
    file.unreadable.length > 0 ? `Unreadable lines, the first: ${file.unreadable.join(', ')}.` : '',
    `${count(shelves.skus)} SKUs, of which ${count(shelves.short)} got too few pieces.`,
    shelves.severalPrices > 0
      ? `${count(shelves.severalPrices)} SKUs have several prices in the file; each was sold at its most frequent one.`
      : '',
    repeated.later > 0
      ? `${count(repeated.later)} requests were repeated because the intake could not be reached or asked to come again later.`
      : '',
    repeated.unknown > 0 ? `${count(repeated.unknown)} requests were repeated because their outcome was unknown.` : '',
    'request.idempotency-key-reused' in refused
      ? 'Keys were used before for other orders: give --run NAME to place the file once more under keys of its own.'
      : '',
    ...unaccounted
      .slice(0, NAMED)
      .map(({ invoice, orderId, why }) => `Unaccounted: ${invoice} ${orderId ?? ''} ${why}`),
    unaccounted.length > NAMED ? `… and ${count(unaccounted.length - NAMED)} more.` : '',
  ].filter((line) => line !== '');
}

/** Everything the table says, for programs. Latencies are in milliseconds. */
export function reportJson({ file, beyondLimit, shelves, summary, stopped }: Report): string {
  return JSON.stringify({
    ...summary,
    lines: { total: file.lineCount, skipped: Object.fromEntries(file.skippedLines) },
    invoices: { withoutOrder: file.invoicesWithoutOrder, beyondLimit },
    stock: shelves,
    stopped,
  });
}

const rows = (prefix: string, counts: Readonly<Record<string, number>>): string[][] =>
  Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([name, number]) => [`${prefix}${name}`, count(number)]);

const percentileCells = ({ p50, p95, p99, max, count: orders }: Percentiles): string[] =>
  orders === 0
    ? ['–', '–', '–', '–', '0']
    : [...[p50, p95, p99, max].map((ms) => count(Math.round(ms))), count(orders)];

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

const count = (number: number): string => number.toLocaleString('en-GB');
