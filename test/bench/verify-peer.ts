/** Whether a peer did all the work, and nothing twice: what the auditor asks of Warren, on the peer's own tables. */
import { sinkMails } from '../../audit/sources/mail-box.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import type { Database } from '../../shared/postgres/database.js';
import type { BenchServers } from './bench-servers.js';
import type { Check } from './scenario.js';

export interface PeerEvidence {
  readonly database: Database;
  readonly servers: Pick<BenchServers, 'queueDepths'>;
  readonly providerUrl: string;
  readonly mailSinkUrl: string;
}

/** Who handles what of an order that is shipped. */
const DELIVERIES = [
  'orders inventory.stock-reserved',
  'orders payment.payment-authorized',
  'orders payment.payment-captured',
  'orders shipping.order-shipped',
  'inventory orders.order-placed',
  'inventory shipping.order-shipped',
  'payment orders.order-placed',
  'payment orders.order-confirmed',
  'shipping orders.order-ready',
  'email orders.order-confirmed',
  'email shipping.order-shipped',
];
const MESSAGES_AN_ORDER = 7;

/** For orders that were all to be shipped. */
export async function verifyPeer(orders: number, evidence: PeerEvidence): Promise<Check[]> {
  const { database, servers } = evidence;
  // The last messages may be handled after the last order is shipped.
  const depths = await servers.queueDepths((found) => [...found.values()].every((depth) => depth === 0));
  const count = async (what: string, expected: number, text: string): Promise<Check> => {
    const { rows } = await database.query<{ count: number }>({ text });
    return { what, expected, found: rows[0]?.count ?? Number.NaN };
  };
  const deliveries = await deliveriesByKind(database);
  return [
    await count('orders', orders, 'select count(*) from orders'),
    await count('orders that are SHIPPED', orders, `select count(*) from orders where status = 'SHIPPED'`),
    await count('captured payments', orders, `select count(*) from payments where status = 'captured'`),
    await count('reservations that are shipped', orders, `select count(*) from reservations where status = 'shipped'`),
    await count('parcels', orders, 'select count(distinct tracking_number) from shipments'),
    await count('messages in the event log', MESSAGES_AN_ORDER * orders, 'select count(*) from event_log'),
    await count('messages in the outbox', 0, 'select count(*) from outbox'),
    await count('SKUs whose stock does not add up', 0, STOCK_FAULTS),
    await count('lines that did not move to reserved and shipped as ordered', 0, LINE_FAULTS),
    { what: 'messages in queues', expected: 0, found: [...depths.values()].reduce((sum, depth) => sum + depth, 0) },
    { what: 'kinds of deliveries', expected: DELIVERIES.length, found: deliveries.size },
    ...DELIVERIES.map((kind) => ({
      what: `messages handled, ${kind.replace(' ', ': ')}`,
      expected: orders,
      found: deliveries.get(kind) ?? 0,
    })),
    ...(await providerChecks(database, evidence.providerUrl)),
    ...(await mailChecks(orders, database, evidence.mailSinkUrl)),
  ];
}

/** Received is on hand, reserved or shipped; and none is reserved when all is shipped. */
const STOCK_FAULTS = `
  select count(*) from stock left join (
    select sku, coalesce(sum(quantity) filter (where kind = 'received'), 0) as received,
      coalesce(sum(quantity) filter (where kind = 'shipped'), 0) as shipped
    from stock_movements group by sku) as moved using (sku)
  where stock.reserved <> 0 or stock.shipped <> moved.shipped or moved.received <> stock.on_hand + stock.shipped
    or moved.received is null`;

const LINE_FAULTS = `
  select count(*) from order_lines line where 2 <> (
    select count(*) from stock_movements moved
    where moved.order_id = line.order_id and moved.sku = line.sku and moved.quantity = line.quantity
      and moved.kind in ('reserved', 'shipped'))`;

async function deliveriesByKind(database: Database): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ kind: string; count: number }>({
    text: `select actor || ' ' || type as kind, count(*) as count
           from inbox join event_log on event_log.id = inbox.message_id group by 1`,
  });
  return new Map(rows.map(({ kind, count }) => [kind, count]));
}

/** One authorization and one capture of the order's total, and one label. */
async function providerChecks(database: Database, url: string): Promise<Check[]> {
  const books = await sandboxBooks([url]);
  const { rows } = await database.query<{ id: string; total: number }>({
    text: 'select id, total_amount as total from orders',
  });
  const asItMustBe = ({ id, total }: { readonly id: string; readonly total: number }): boolean => {
    const done = books.of(id).map((entry) => ('amount' in entry ? `${entry.kind} ${entry.amount}` : entry.kind));
    return done.sort().join() === ['labelled', `authorized ${total}`, `captured ${total}`].sort().join();
  };
  return [
    {
      what: 'orders of which the provider did not authorize, capture and label once',
      expected: 0,
      found: rows.filter((order) => !asItMustBe(order)).length,
    },
    { what: 'orders in the books of the provider', expected: rows.length, found: books.orderIds.length },
  ];
}

/** One mail that it is confirmed and one that it is shipped. */
async function mailChecks(orders: number, database: Database, url: string): Promise<Check[]> {
  const mails = await sinkMails(url);
  const { rows } = await database.query<{ id: string }>({ text: 'select id from orders' });
  const occasions = (id: string): string =>
    mails
      .of(id)
      .map(({ occasion }) => occasion)
      .sort()
      .join();
  return [
    { what: 'mails in the sink', expected: 2 * orders, found: mails.size },
    {
      what: 'orders that were not mailed twice, confirmed and shipped',
      expected: 0,
      found: rows.filter(({ id }) => occasions(id) !== 'confirmed,shipped').length,
    },
  ];
}
