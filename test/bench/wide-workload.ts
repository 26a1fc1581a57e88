/** Orders as wide as a wholesaler's: those of a file, or drawn from the same distributions. Pure but for reading the file. */
import { plannedOrder, plannedStock } from '../../scripts/load/requests.js';
import type { OrderRequest } from '../../scripts/load/storefront.js';
import { articlesOf } from '../../scripts/retail/articles.js';
import { shareOf } from '../../scripts/retail/digest.js';
import { repeated } from '../../scripts/retail/repeated.js';
import { readRetailFile } from '../../scripts/retail/retail-file.js';
import { benchOrder, shelf, type Workload } from './workload.js';

/**
 * Of the first 1,798 orders of the UCI "Online Retail" data set (Chen, D., 2015, https://doi.org/10.24432/C5BW33, CC BY 4.0),
 * which want 2,840 SKUs: shares of all, each with the value that so many do not pass.
 */
type Curve = readonly (readonly [share: number, value: number])[];
/** Lines of an order, one a SKU; 26.6 in the mean. */
const WIDTHS: Curve = [
  [0, 1],
  [0.1, 1],
  [0.2, 4],
  [0.3, 7],
  [0.4, 10],
  [0.5, 14],
  [0.6, 17],
  [0.7, 22],
  [0.8, 31],
  [0.9, 48],
  [0.95, 67],
  [0.97, 110],
  [0.98, 145],
  [0.99, 455],
  [0.995, 568],
  [0.999, 648],
  [1, 674],
];
/** Of all lines, those of the SKUs wanted most: a tenth of the SKUs has four tenths of the lines. */
const WANTED: Curve = [
  [0, 0],
  [0.006, 1],
  [0.037, 10],
  [0.084, 28],
  [0.265, 142],
  [0.413, 284],
  [0.605, 568],
  [0.734, 852],
  [0.889, 1420],
  [0.975, 2130],
  [1, 2840],
];
const WIDE_SKUS = 2840;
const PIECES_A_LINE = 3;

/** The orders of the file over and over, each with stock for it. */
export async function retailWorkload(file: string, orders: number): Promise<Workload> {
  const invoices = repeated((await readRetailFile(file)).invoices, orders);
  const dice = { seed: '', run: '', shortShare: 0, declinedShare: 0, cancelShare: 0 };
  return {
    stock: articlesOf(invoices).map((article) => plannedStock(article, dice)),
    orders: (count, first) => invoices.slice(first, first + count).map((invoice) => plannedOrder(invoice, dice)),
  };
}

export const wideWorkload = (orders: number): Workload => ({
  stock: Array.from({ length: WIDE_SKUS }, (_, at) => shelf(skuAt(at), Math.min(1_000_000, orders * PIECES_A_LINE))),
  *orders(count, first) {
    for (let at = first; at < first + count; at++) yield benchOrder(at, wideLines(at));
  },
});

/** As they are stored: one a SKU. */
export function linesOf(orders: ReturnType<Workload['orders']>): number {
  let lines = 0;
  for (const { request } of orders) lines += new Set(request.lines.map(({ sku }) => sku)).size;
  return lines;
}

function wideLines(order: number): OrderRequest['lines'] {
  const width = Math.round(valueAt(WIDTHS, shareOf(`width ${order}`)));
  const drawn = new Set<string>();
  for (let draw = 0; drawn.size < width; draw++)
    drawn.add(skuAt(Math.floor(valueAt(WANTED, shareOf(`wide ${order} ${draw}`)))));
  return [...drawn].map((sku, at) => ({ sku, quantity: 1 + ((order + at) % PIECES_A_LINE) }));
}

/** Between two points of the curve on the straight line. */
function valueAt(curve: Curve, share: number): number {
  const above = curve.findIndex(([limit]) => limit > share);
  const [fromShare, from] = curve[above - 1] ?? [0, 0];
  const [toShare, to] = curve[above] ?? [1, 0];
  return from + ((share - fromShare) * (to - from)) / (toShare - fromShare);
}

const skuAt = (at: number): string => `WIDE-${String(at).padStart(4, '0')}`;
