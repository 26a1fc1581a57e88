/** `GET /stock/{sku}`. */
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { ITEM_COLUMNS, type ItemRow, itemOf, SkuPath, StockItem, stockNotFound } from './stock-item.js';

export function readStockRoute(app: App, rows: StorefrontRows): void {
  const schema = {
    summary: 'See a product and where its pieces are',
    params: SkuPath,
    response: { 200: StockItem },
    problems: ['stock.not-found'] as const,
  };
  app.get('/stock/:sku', { config: { scope: 'any' }, schema }, async (request) => {
    const { sku } = request.params;
    // PostgreSQL cannot hold the character, so neither can a SKU.
    if (sku.includes('\u0000')) throw stockNotFound(sku);
    const storefrontId = storefrontOf(request);
    const found = await rows.of(storefrontId).query<ItemRow>({
      name: 'stock-read',
      text: `select ${ITEM_COLUMNS} from products join stock_levels as levels using (storefront_id, sku)
             where storefront_id = $1 and sku = $2`,
      values: [storefrontId, sku],
    });
    const row = found.rows[0];
    if (row === undefined) throw stockNotFound(sku);
    return itemOf(row);
  });
}
