/** `PUT /stock/{sku}`: names and prices a product; its pieces come by receipts. */
import Type from '../../shared/messaging/typebox.js';
import type { Transaction } from '../../shared/postgres/database.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { Currency, oneLine } from '../one-line-text.js';
import { Problem } from '../problem.js';
import { storefrontOf } from '../storefronts/authentication.js';
import { invalid } from '../time-asked.js';
import type { App } from '../type-provider.js';
import { type ItemRow, itemOf, StockItem } from './stock-item.js';

const strict = { additionalProperties: false } as const;

export const Product = Type.Object(
  {
    name: oneLine(200),
    /** Amount in minor units. */
    price: Type.Object(
      { amount: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), currency: Currency },
      strict,
    ),
  },
  { ...strict, title: 'Product', examples: [{ name: 'Tin cup', price: { amount: 750, currency: 'GBP' } }] },
);
export type Product = Type.Static<typeof Product>;

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'));

export function putStockRoute(app: App, rows: StorefrontRows): void {
  app.put(
    '/stock/:sku',
    {
      config: { scope: 'stock:write' },
      schema: {
        summary: 'Make a product, or name and price it anew',
        description: 'Its pieces come by receipts. Orders keep the prices they were placed at. 201 when it is new.',
        params: Type.Object({ sku: oneLine(64) }),
        body: Product,
        response: { 200: StockItem, 201: StockItem },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { sku } = request.params;
      mustBeReachable(sku);
      mustBeCurrency(body.price.currency);
      const storefrontId = storefrontOf(request);
      const { created, item } = await putProduct(rows.of(storefrontId), { storefrontId, sku }, body);
      request.log.debug({ storefront: storefrontId, sku, created }, 'product put');
      reply.code(created ? 201 : 200);
      return item;
    },
  );
}

/** What clients make of a path with such a part leads elsewhere. @throws {Problem} `request.invalid` */
function mustBeReachable(sku: string): void {
  if (sku === '.' || sku === '..')
    throw invalid({ parameter: 'sku', detail: 'is "." or "..", which no path can name' });
}

/** Makes the storefront's product, with no pieces, or names and prices it anew. Orders keep the prices they were placed at. */
export async function putProduct(
  database: Transaction,
  { storefrontId, sku }: { readonly storefrontId: string; readonly sku: string },
  { name, price }: Product,
): Promise<{ readonly created: boolean; readonly item: StockItem }> {
  const { rows } = await database.query<ItemRow & { readonly created: boolean }>({
    name: 'stock-put',
    text: `with level as (
             insert into stock_levels (storefront_id, sku, on_hand, reserved, shipped, version) values ($1, $2, 0, 0, 0, 1)
             on conflict (storefront_id, sku) do nothing
             returning on_hand, reserved, shipped
           ), product as (
             insert into products (storefront_id, sku, name, price_amount, currency) values ($1, $2, $3, $4, $5)
             on conflict (storefront_id, sku) do update set name = $3, price_amount = $4, currency = $5, updated_at = now()
             returning storefront_id, sku, name, price_amount, currency, xmax = 0 as created
           )
           select product.*, coalesce(level.on_hand, stored.on_hand, 0) as on_hand,
             coalesce(level.reserved, stored.reserved, 0) as reserved, coalesce(level.shipped, stored.shipped, 0) as shipped
           from product left join level on true left join stock_levels as stored using (storefront_id, sku)`,
    values: [storefrontId, sku, name, price.amount, price.currency],
  });
  const row = rows[0];
  if (row === undefined) throw new TypeError('an upsert returns its row');
  return { created: row.created, item: itemOf(row) };
}

/** @throws {Problem} `request.invalid` */
function mustBeCurrency(currency: string): void {
  if (CURRENCIES.has(currency)) return;
  const fault = { pointer: '/price/currency', detail: 'is not a currency of ISO 4217' };
  throw new Problem('request.invalid', 'See "errors" for what to change.', { faults: [fault] });
}
