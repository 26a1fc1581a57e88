/** What a shop must have on its shelves for a set of invoices: one article a SKU, with one name and one price. Pure. */
import type { Invoice } from './retail-file.js';

export interface Article {
  readonly sku: string;
  /** The most frequent description. */
  readonly name: string;
  /** The most frequent price, in pence; of equally frequent ones that which came first. */
  readonly price: number;
  /** Different prices in the file. */
  readonly prices: number;
  /** Pieces that all invoices need together. */
  readonly needed: number;
}

/** In the order in which they first appear. */
export function articlesOf(invoices: readonly Invoice[]): Article[] {
  const lines = new Map<string, Invoice['lines'][number][]>();
  for (const line of invoices.flatMap((invoice) => invoice.lines)) {
    const before = lines.get(line.sku);
    if (before === undefined) lines.set(line.sku, [line]);
    else before.push(line);
  }
  return [...lines].map(([sku, ofSku]) => {
    const prices = frequencies(ofSku.map(({ price }) => price));
    const names = frequencies(ofSku.map(({ description }) => description).filter((text) => text !== ''));
    return {
      sku,
      name: mostFrequent(names) ?? `Article ${sku}`,
      price: mostFrequent(prices) ?? 0,
      prices: prices.size,
      needed: ofSku.reduce((sum, { quantity }) => sum + quantity, 0),
    };
  });
}

function frequencies<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function mostFrequent<T>(counts: ReadonlyMap<T, number>): T | undefined {
  let best: T | undefined;
  let most = 0;
  for (const [value, count] of counts) if (count > most) [best, most] = [value, count];
  return best;
}
