import { readFileSync } from 'node:fs';
import { tableLines } from '../terminal/table.mjs';

const PACKAGE = new URL('../../package.json', import.meta.url);
/** Known to everyone, and accepted in development only. */
const STOREFRONT_KEY = 'dev-storefront-key';
const OPERATOR_KEY = 'dev-operator-key';

/**
 * What runs, where it came from, its version and where it answers.
 * @param {readonly import('../provision/provide.mjs').Provided[]} provided
 * @param {readonly import('./supervise.mjs').Part[]} parts
 */
export function readyTable(provided, parts) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'));
  return tableLines([
    ['PART', 'FROM', 'VERSION', 'ADDRESS'],
    ...provided.map((server) => [server.title, server.from, server.version ?? '', server.address]),
    ...parts.map((part) => [
      part.name,
      part.command
        .slice(1)
        .filter((word) => !word.startsWith('--'))
        .join(' '),
      version,
      part.address,
    ]),
  ]);
}

/**
 * How to place a first order, for an article that is in stock.
 * @param {readonly import('./supervise.mjs').Part[]} parts
 */
export async function firstOrder(parts) {
  const web = parts.find(({ name }) => name === 'web')?.address;
  const mail = parts.find(({ name }) => name === 'mail-sink')?.address;
  if (!web) return 'Without web it takes no orders. Ctrl-C stops everything.';
  const sku = await anySku(web);
  const order = JSON.stringify({
    customer: { name: 'Ada', email: 'ada@example.com' },
    shippingAddress: { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' },
    lines: [{ sku, quantity: 1 }],
    paymentToken: 'tok_ok',
  });
  const key = `-H 'Authorization: Bearer ${STOREFRONT_KEY}'`;
  return `See it at ${web}/console: sign in with ${OPERATOR_KEY}, and place orders at ${web}/console#/test-orders

Place a first order:

  curl -sS ${web}/orders ${key} \\
    -H "Idempotency-Key: first-$(date +%s)" -H 'Content-Type: application/json' \\
    -d '${order}'

Follow it:   curl -sS ${web}/orders/ORDER_ID ${key}
Its e-mails: ${mail}
Look after it: npx warren status --url ${web}
Its servers: node scripts/servers.mjs status

Ctrl-C stops everything.
`;
}

/**
 * @param {string} web
 * @returns {Promise<string>}
 */
async function anySku(web) {
  const answer = await fetch(`${web}/stock?limit=1`, {
    headers: { authorization: `Bearer ${STOREFRONT_KEY}` },
    signal: AbortSignal.timeout(5_000),
  });
  const { items } = /** @type {{ items?: { sku: string }[] }} */ (await answer.json());
  return items?.[0]?.sku ?? 'SKU';
}
