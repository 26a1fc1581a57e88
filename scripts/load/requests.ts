/** What a file of invoices and the options come to: the stock to set up and the orders to place. Pure. */
import type { Article } from '../retail/articles.js';
import { buyerOf } from '../retail/customer.js';
import { shareOf } from '../retail/digest.js';
import type { Invoice } from '../retail/retail-file.js';
import type { LoadOptions } from './options.js';
import type { OrderRequest } from './storefront.js';

/** An order to place. */
export interface PlannedOrder {
  readonly invoice: string;
  readonly idempotencyKey: string;
  readonly request: OrderRequest;
  /** The customer cancels it once it is placed. */
  readonly cancel: boolean;
}

/** A product to put into the catalogue, and its pieces to receive. */
export interface PlannedStock {
  readonly sku: string;
  readonly name: string;
  /** In pence. */
  readonly price: number;
  /** Pieces; 0 for none. */
  readonly received: number;
  /** A receipt of other pieces has another key, so that a longer part of the same file can follow a shorter one. */
  readonly idempotencyKey: string;
  readonly short: boolean;
}

type Dice = Pick<LoadOptions, 'seed' | 'run' | 'shortShare' | 'declinedShare' | 'cancelShare'>;

export function plannedOrder(invoice: Invoice, { seed, run, declinedShare, cancelShare }: Dice): PlannedOrder {
  const declined = shareOf(`${seed} declined ${invoice.number}`) < declinedShare;
  return {
    invoice: invoice.number,
    idempotencyKey: keyed(run, invoice.number),
    request: {
      ...buyerOf(invoice),
      lines: invoice.lines.map(({ sku, quantity }) => ({ sku, quantity })),
      paymentToken: declined ? 'tok_declined' : 'tok_ok',
      reference: invoice.number,
    },
    cancel: shareOf(`${seed} cancel ${invoice.number}`) < cancelShare,
  };
}

/** Pieces for every order, or for a short SKU half of that, rounded down, so that at least one order cannot be filled. */
export function plannedStock({ sku, name, price, needed }: Article, { seed, run, shortShare }: Dice): PlannedStock {
  const short = shareOf(`${seed} short ${sku}`) < shortShare;
  const received = short ? Math.floor(needed / 2) : needed;
  return {
    sku,
    name,
    price,
    received,
    idempotencyKey: keyed(run, `stock:${encodeURIComponent(sku)}:${received}`),
    short,
  };
}

const keyed = (run: string, key: string): string => (run === '' ? key : `${run}:${key}`);
