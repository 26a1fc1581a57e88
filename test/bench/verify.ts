/** Whether all the work was done: every order shipped, paid for, mailed about, and nothing left anywhere. */
import 'reflect-metadata';
import type { Database } from '../../shared/postgres/database.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import type { Check } from './scenario.js';

export interface Evidence {
  readonly database: Database;
  readonly providerUrl: string;
  readonly mailSinkUrl: string;
  readonly queueDepths: ReadonlyMap<string, number>;
}

/** For orders that were all to be shipped. */
export async function verifyShipped(orders: number, evidence: Evidence): Promise<Check[]> {
  const { database, providerUrl, mailSinkUrl, queueDepths } = evidence;
  const count = (what: string, expected: number, text: string): Promise<Check> =>
    numberOf(database, text).then((found) => ({ what, expected, found }));
  const [money, mails, handled, ...counts] = await Promise.all([
    verifyMoney(orders, database, providerUrl),
    verifyMails(orders, mailSinkUrl),
    verifyHandled(database),
    count('orders that are SHIPPED', orders, `select count(*) from orders where status = 'SHIPPED'`),
    count('orders', orders, 'select count(*) from orders'),
    count('parcels', orders, `select count(distinct tracking_number) from shipments where status = 'shipped'`),
    count('mails filed', 2 * orders, 'select count(*) from emails'),
    count('SKUs whose pieces do not add up', 0, STOCK_FAULTS),
    count('pieces reserved', 0, 'select coalesce(sum(reserved), 0) from stock_levels'),
    count(
      'pieces shipped more than ordered',
      0,
      `select (select coalesce(sum(shipped), 0) from stock_levels)
            - (select sum((line ->> 'quantity')::bigint) from orders, jsonb_array_elements(lines) as line)`,
    ),
    count('outbox', 0, 'select count(*) from outbox'),
    count('dead letters', 0, 'select count(*) from dead_letters'),
  ]);
  const left = [...queueDepths.values()].reduce((sum, depth) => sum + depth, 0);
  return [...counts, ...money, ...mails, ...handled, { what: 'messages in queues', expected: 0, found: left }];
}

/** On hand, reserved and shipped make up what was received, and the movements say the same. */
const STOCK_FAULTS = `
  with moved as (
    select sku,
      coalesce(sum(quantity) filter (where kind = 'received'), 0) as received,
      coalesce(sum(quantity) filter (where kind = 'reserved'), 0) as reserved,
      coalesce(sum(quantity) filter (where kind = 'released'), 0) as released,
      coalesce(sum(quantity) filter (where kind = 'shipped'), 0) as shipped
    from stock_movements group by sku
  )
  select count(*) from stock_levels as level left join moved using (sku)
  where level.on_hand + level.reserved + level.shipped is distinct from moved.received
     or level.shipped is distinct from moved.shipped
     or level.reserved is distinct from moved.reserved - moved.released - moved.shipped`;

/** By the provider's own ledger: each order is charged its total, once. */
async function verifyMoney(orders: number, database: Database, providerUrl: string): Promise<Check[]> {
  const { rows } = await database.query<{ id: string; total: number }>({
    text: 'select id, total_amount as total from orders',
  });
  const totals = new Map(rows.map(({ id, total }) => [id, total]));
  const entries = await ledgerOf(providerUrl);
  const captures = entries.filter(({ kind }) => kind === 'captured');
  const wrong = captures.filter(({ orderId, amount }) => totals.get(orderId) !== amount);
  return [
    { what: 'captures in the ledger', expected: orders, found: captures.length },
    { what: 'orders captured', expected: orders, found: new Set(captures.map(({ orderId }) => orderId)).size },
    { what: 'captures of a wrong amount', expected: 0, found: wrong.length },
    {
      what: 'authorizations in the ledger',
      expected: orders,
      found: entries.filter(({ kind }) => kind === 'authorized').length,
    },
    { what: 'labels in the ledger', expected: orders, found: entries.filter(({ kind }) => kind === 'labelled').length },
    { what: 'entries of any other kind', expected: 0, found: entries.filter(({ kind }) => !EXPECTED.has(kind)).length },
  ];
}

const EXPECTED = new Set(['authorized', 'captured', 'labelled']);

interface LedgerEntry {
  readonly kind: string;
  readonly orderId: string;
  readonly amount?: number;
}

async function ledgerOf(providerUrl: string): Promise<LedgerEntry[]> {
  const text = await (await fetch(`${providerUrl}/ledger`)).text();
  // The sandbox is the bench's own, and writes its ledger as sandbox/README.md says.
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as LedgerEntry]));
}

async function verifyMails(orders: number, mailSinkUrl: string): Promise<Check[]> {
  const response = await fetch(`${mailSinkUrl}/counts?by=occasion`);
  // As sandbox/README.md says.
  const { total, distinct, groups } = (await response.json()) as {
    total: number;
    distinct: number;
    groups: { occasion: string; distinct: number }[];
  };
  const of = (occasion: string): number => groups.find((group) => group.occasion === occasion)?.distinct ?? 0;
  return [
    { what: 'mails in the sink', expected: 2 * orders, found: total },
    { what: 'different mails in the sink', expected: 2 * orders, found: distinct },
    { what: 'mails that an order is confirmed', expected: orders, found: of('confirmed') },
    { what: 'mails that an order is on its way', expected: orders, found: of('shipped') },
  ];
}

/** Every message that was ever published was handled by each actor bound to it, and once. */
async function verifyHandled(database: Database): Promise<Check[]> {
  const workers = await loadWorkers(await workerNames());
  const actors = workers.flatMap((worker) => worker.actors.map(({ definition }) => definition));
  return Promise.all(
    actors.map(async ({ name, handlers }) => {
      const [published, handled] = await Promise.all([
        numberOf(database, 'select count(*) from event_log where type = any($1::text[])', [[...handlers.keys()]]),
        numberOf(database, 'select count(*) from inbox where actor = $1', [name]),
      ]);
      return { what: `messages handled by ${name}`, expected: published, found: handled };
    }),
  );
}

async function numberOf(database: Database, text: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await database.query<Record<string, unknown>>({ text, values });
  return Number(Object.values(rows[0] ?? {})[0]);
}
