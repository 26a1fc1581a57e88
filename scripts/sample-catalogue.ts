/** Development only: the storefront and the operator whose keys everybody knows, and two dozen products with stock. Safe to run again. */

import { ensureDevelopmentOperator, ensureDevelopmentStorefront } from '../api/development-keys.js';
import { putProduct } from '../api/stock/put-stock.js';
import { receive } from '../api/stock/receive-stock.js';
import { DEVELOPMENT, variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { Database } from '../shared/postgres/database.js';

/** Pieces of each product, once. */
const PIECES = 10_000;
const CURRENCY = 'GBP';

/** SKU, name, price in minor units. */
const PRODUCTS: readonly (readonly [sku: string, name: string, amount: number])[] = [
  ['BASKET-WILLOW', 'Willow basket', 3400],
  ['BLANKET-WOOL', 'Wool blanket', 8900],
  ['BOOK-HEDGEROW', 'Hedgerow: a field guide', 1850],
  ['BOWL-ASH', 'Turned ash bowl', 4200],
  ['BOWL-STONEWARE', 'Stoneware bowl', 1900],
  ['BRUSH-DISH', 'Dish brush', 650],
  ['CANDLE-BEESWAX', 'Beeswax candle', 975],
  ['CLOTH-LINEN', 'Linen tea cloth', 1200],
  ['CUP-ENAMEL', 'Enamel cup', 850],
  ['CUSHION-TWEED', 'Tweed cushion', 3950],
  ['HAT-FELT', 'Felt hat', 4800],
  ['HONEY-HEATHER', 'Heather honey, 340 g', 895],
  ['JAR-PRESERVING', 'Preserving jar, 1 l', 550],
  ['JUG-SLIPWARE', 'Slipware jug', 3600],
  ['KNIFE-POCKET', 'Pocket knife', 2750],
  ['LAMP-STORM', 'Storm lamp', 2999],
  ['MUG-BURROW', 'Burrow mug', 1450],
  ['NOTEBOOK-A5', 'Notebook, A5', 925],
  ['PAIL-ZINC', 'Zinc pail', 2150],
  ['SCARF-MERINO', 'Merino scarf', 5200],
  ['SOAP-OAT', 'Oat soap', 475],
  ['STOOL-MILKING', 'Milking stool', 6800],
  ['TEA-NETTLE', 'Nettle tea, 40 bags', 520],
  ['TRUG-GARDEN', 'Garden trug', 4475],
];

try {
  const { nodeEnv, databaseUrl } = readVariables(
    { nodeEnv: variables.nodeEnv, databaseUrl: variables.databaseUrl },
    process.env,
  );
  if (nodeEnv === 'production') {
    process.stderr.write(
      `the sample catalogue comes with the key "${DEVELOPMENT.storefrontKey}", which everybody knows: not with NODE_ENV=production. ` +
        'Make a storefront of your own with `node dist/scripts/storefront.js add NAME`\n',
    );
    process.exit(1);
  }
  const database = new Database({ url: databaseUrl, connections: 2, applicationName: 'warren sample catalogue' });
  try {
    await ensureDevelopmentOperator(database);
    const added = await addMissing(database, await ensureDevelopmentStorefront(database));
    process.stdout.write(
      `sample catalogue: ${added} of ${PRODUCTS.length} products added; the storefront's key is ${DEVELOPMENT.storefrontKey}, the operator's ${DEVELOPMENT.operatorKey}\n`,
    );
  } finally {
    await database.close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

/** Adds what is not there, and leaves names, prices and stock that were changed since as they are. */
async function addMissing(database: Database, storefrontId: string): Promise<number> {
  const { rows } = await database.query<{ sku: string }>({
    text: 'select sku from products where storefront_id = $1 and sku = any($2::text[])',
    values: [storefrontId, PRODUCTS.map(([sku]) => sku)],
  });
  const there = new Set(rows.map(({ sku }) => sku));
  const missing = PRODUCTS.filter(([sku]) => !there.has(sku));
  for (const [sku, name, amount] of missing)
    await putProduct(database, { storefrontId, sku }, { name, price: { amount, currency: CURRENCY } });
  // Every one: a run that was cut short may have made a product and not received its pieces.
  for (const [sku] of PRODUCTS)
    await receive(database, { sku, quantity: PIECES, storefrontId, idempotencyKey: `sample-catalogue:${sku}` });
  return missing.length;
}
