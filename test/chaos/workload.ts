/** What is ordered while the faults happen: the orders of a file over and over, or those of the bench. */
import { type PlannedOrder, type PlannedStock, plannedOrder, plannedStock } from '../../scripts/load/requests.js';
import { articlesOf } from '../../scripts/retail/articles.js';
import { repeated } from '../../scripts/retail/repeated.js';
import { type Invoice, readRetailFile } from '../../scripts/retail/retail-file.js';
import { benchOrders, benchStock } from '../bench/workload.js';

/** Of the bench's orders. */
const LINES = 2;
const SKUS = 500;
/** Who gets less than was ordered, changes his mind, or has no money. */
const SHARES = { shortShare: 0.02, declinedShare: 0.05, cancelShare: 0.05, run: '' };

export interface Workload {
  readonly stock: readonly PlannedStock[];
  readonly orders: readonly PlannedOrder[];
}

/** @param file in the format of the UCI "Online Retail" data set; without one the orders are those of the bench */
export async function planWorkload(file: string | undefined, count: number, seed: string): Promise<Workload> {
  const invoices = file === undefined ? benchInvoices(count) : repeated((await readRetailFile(file)).invoices, count);
  const dice = { ...SHARES, seed };
  return {
    stock: articlesOf(invoices).map((article) => plannedStock(article, dice)),
    orders: invoices.map((invoice) => plannedOrder(invoice, dice)),
  };
}

function benchInvoices(count: number): Invoice[] {
  const articles = new Map(benchStock(SKUS, count, LINES).map(({ sku, name, price }) => [sku, { name, price }]));
  return [...benchOrders(count, LINES, SKUS)].map(({ idempotencyKey, request }, at) => ({
    number: idempotencyKey,
    customer: String(at),
    country: 'United Kingdom',
    lines: request.lines.map(({ sku, quantity }) => {
      const { name = '', price = 0 } = articles.get(sku) ?? {};
      return { sku, description: name, quantity, price };
    }),
  }));
}
