/** A product with its price and where its pieces are, as callers see it. */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import { Money } from '../../shared/messaging/vocabulary.js';
import { Problem } from '../problem.js';

/** Quantities in pieces. */
export const StockItem = Type.Object(
  {
    sku: Type.String(),
    name: Type.String(),
    price: Money,
    onHand: Type.Integer(),
    reserved: Type.Integer(),
    shipped: Type.Integer(),
  },
  {
    title: 'StockItem',
    description: 'A product with its price, and where its pieces are.',
    examples: [
      {
        sku: 'CUP-TIN',
        name: 'Tin cup',
        price: { amount: 750, currency: 'GBP' },
        onHand: 120,
        reserved: 0,
        shipped: 0,
      },
    ],
  },
);
export type StockItem = Static<typeof StockItem>;

export const SkuPath = Type.Object({ sku: Type.String() });

/** To stand after `select`, with `products` and `stock_levels as levels` joined by storefront and SKU. */
export const ITEM_COLUMNS = `sku, products.name, products.price_amount, products.currency,
  levels.on_hand, levels.reserved, levels.shipped`;

export interface ItemRow {
  readonly sku: string;
  readonly name: string;
  readonly price_amount: number;
  readonly currency: string;
  readonly on_hand: number;
  readonly reserved: number;
  readonly shipped: number;
}

export const itemOf = (row: ItemRow): StockItem => ({
  sku: row.sku,
  name: row.name,
  price: { amount: row.price_amount, currency: row.currency },
  onHand: row.on_hand,
  reserved: row.reserved,
  shipped: row.shipped,
});

export const stockNotFound = (sku: string): Problem =>
  new Problem('stock.not-found', `The catalogue does not have ${JSON.stringify(sku)}; make it with PUT /stock/{sku}.`);
