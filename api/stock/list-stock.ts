/** `GET /stock`: a storefront's catalogue, page by page in the order of the SKUs. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { Limit } from '../one-line-text.js';
import { Problem } from '../problem.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { ITEM_COLUMNS, type ItemRow, itemOf, StockItem } from './stock-item.js';

const PAGE = 100;

const Query = Type.Object(
  { limit: Type.Optional(Limit), cursor: Type.Optional(Type.String({ maxLength: 512 })) },
  { additionalProperties: false },
);

export function listStockRoute(app: App, rows: StorefrontRows): void {
  app.get(
    '/stock',
    {
      config: { scope: 'any' },
      schema: {
        summary: 'List the catalogue of the storefront',
        description: 'In the order of the SKUs. While there is a `nextCursor` there is more, by `?cursor=`.',
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(StockItem), nextCursor: Type.Optional(Type.String()) }) },
      },
    },
    async (request) => {
      const { query } = request;
      const storefrontId = storefrontOf(request);
      const limit = query.limit === undefined ? PAGE : Number(query.limit);
      const found = await rows.of(storefrontId).query<ItemRow>({
        name: 'stock-list',
        text: `select ${ITEM_COLUMNS} from products join stock_levels as levels using (storefront_id, sku)
               where storefront_id = $1 and products.sku > $2 and levels.sku > $2 order by sku limit $3`,
        // One more than asked for tells whether there is another page.
        values: [storefrontId, query.cursor === undefined ? '' : skuAt(query.cursor), limit + 1],
      });
      const items = found.rows.slice(0, limit).map(itemOf);
      const last = items.at(-1);
      return found.rows.length > limit && last !== undefined ? { items, nextCursor: cursorAt(last.sku) } : { items };
    },
  );
}

const cursorAt = (sku: string): string => Buffer.from(sku).toString('base64url');

/** @throws {Problem} `request.invalid` for what is no cursor of ours */
function skuAt(cursor: string): string {
  const sku = Buffer.from(cursor, 'base64url').toString();
  if (cursorAt(sku) === cursor && !sku.includes('\u0000')) return sku;
  const fault = { parameter: 'cursor', detail: 'is not the nextCursor of an earlier answer' };
  throw new Problem('request.invalid', 'See "errors" for what to change.', { faults: [fault] });
}
