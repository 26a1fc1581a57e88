/**
 * Tables as a busy shop has them after a day, filled by a few big statements: what the flow would take hours for. Only what the
 * console reads is there, and the rows are as they are in production: ids by time, so that they are in the partitions of their days.
 */
import type { Database } from '../../shared/postgres/database.js';

export interface TableSizes {
  readonly orders: number;
  readonly letters: number;
}

/** What is asked for by name, so that what is rare and what is frequent are both measured. */
export interface Filled {
  /** One that went all its way. */
  readonly shipped: string;
  /** The newest that waits behind a dead letter. */
  readonly failing: string;
  /** Placed in the middle of the day. */
  readonly midday: string;
  readonly letter: string;
  readonly replay: string;
}

/** Orders filled by one statement, so that none takes longer than statements may. */
const AT_ONCE = 20_000;
const DAY_MS = 24 * 3_600_000;
/** What an order says on its way. */
const SAID = ['orders.order-placed', 'orders.order-confirmed', 'orders.order-ready', 'shipping.order-shipped'];
const UNSENT = 20_000;
const ACTIONS = 100_000;
const REPLAYS = 200;
/** Messages that no actor has handled yet. */
const BEHIND = 1000;

export async function fillTables(
  database: Database,
  { orders, letters }: TableSizes,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Filled> {
  const now = Date.now();
  for (let first = 1; first <= orders; first += AT_ONCE) {
    signal.throwIfAborted();
    const last = Math.min(orders, first + AT_ONCE - 1);
    await database.query({ text: ORDERS, values: [first, last, now - DAY_MS, DAY_MS / orders] });
    if (last % (10 * AT_ONCE) === 0) say(`${last} orders`);
  }
  for (const [text, count] of [
    [LETTERS, letters],
    [OUTBOX, Math.min(UNSENT, orders)],
    [ACTIONS_TAKEN, ACTIONS],
    [REPLAYS_MADE, REPLAYS],
    [LAG_KNOWN, BEHIND],
  ] as const) {
    signal.throwIfAborted();
    await database.query({ text, values: [count] });
  }
  say('analyzing');
  await database.query({ text: 'analyze' });
  const { rows } = await database.query<Filled>({
    text: `select (select id from orders where status = 'SHIPPED' order by id desc limit 1) as shipped,
             (select orders.id from orders join dead_letters on correlation_id = orders.id::text and dead_letters.status = 'open'
              where orders.status = 'PAID' order by orders.id desc limit 1) as failing,
             (select id from orders order by id limit 1 offset $1) as midday,
             (select id from dead_letters order by id desc limit 1) as letter,
             (select id from replays order by id desc limit 1) as replay`,
    values: [Math.floor(orders / 2)],
  });
  const [filled] = rows;
  if (filled === undefined) throw new Error('a select without a table answered without a row');
  return filled;
}

/** A UUID v7 of that many milliseconds since 1970, the same for the same salt; both are SQL. */
const idOf = (ms: string, salt: string): string =>
  `(lpad(to_hex((${ms})::bigint), 12, '0') || '7' || substr(md5(${salt}), 1, 3) || '8' || substr(md5(${salt}), 4, 15))::uuid`;

/**
 * `$1` and `$2` the first and the last number, `$3` when order 0 was placed, `$4` milliseconds between two. Of a hundred orders 90
 * are shipped, 7 cancelled and 3 under way; one customer has a hundredth of all, and one status is that of the oldest order alone.
 */
const ORDERS = `
  with numbered as (
    select n, $3::float8 + n * $4::float8 as ms, ${idOf('$3::float8 + n * $4::float8', `'order ' || n`)} as id,
      case when n = 1 then 'CONFIRMED' when n % 100 < 90 then 'SHIPPED' when n % 100 < 97 then 'CANCELLED'
           when n % 100 < 99 then 'PAID' else 'INITIATED' end as status
    from generate_series($1::integer, $2::integer) as n
  ), placed as (
    insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency, placed_at, status,
                        stock, payment, shipment, cancel_reason, version)
    select id, '01900000-0000-7000-8000-000000000000', 'bench-' || n,
      jsonb_build_object('name', 'Customer ' || n, 'email',
        case when n % 100 = 7 then 'frequent@example.com' else 'customer-' || n || '@example.com' end),
      jsonb_build_object('line1', n || ' High Street', 'city', 'London', 'postalCode', 'N1 1AA', 'country', 'GB'),
      jsonb_build_array(jsonb_build_object('sku', 'BENCH-' || lpad((n % 1000)::text, 5, '0'), 'quantity', 1, 'unitPrice', 100),
                        jsonb_build_object('sku', 'BENCH-' || lpad((n % 977)::text, 5, '0'), 'quantity', 2, 'unitPrice', 250)),
      600, 'GBP', to_timestamp(ms / 1000), status, 'reserved', 'captured',
      case status when 'SHIPPED' then 'shipped' else 'requested' end,
      case when status = 'CANCELLED' then (array['customer', 'out-of-stock', 'payment-declined'])[1 + n % 3] end, 6
    from numbered
  ), said as (
    select numbered.id as order_id, ms + at * 40 as ms, type, split_part(type, '.', 1) as producer,
      ${idOf('ms + at * 40', `'message ' || n || ' ' || at`)} as id
    from numbered, unnest(array['${SAID.join("', '")}']) with ordinality as one (type, at)
    where status = 'SHIPPED' or at = 1 or status = 'PAID' and at < 4
  ), logged as (
    insert into event_log (id, type, version, correlation_id, causation_id, producer, occurred_at, payload)
    select id, type, 1, order_id, null, producer, to_timestamp(ms / 1000),
      jsonb_build_object('orderId', order_id, 'customer', jsonb_build_object('name', 'A customer', 'email', 'one@example.com'),
                         'lines', jsonb_build_array(jsonb_build_object('sku', 'BENCH-00001', 'quantity', 1)))
    from said
  ), handled as (
    insert into inbox (actor, message_id)
    select actor, id from said cross join unnest(array['orders', 'email']) as actor where type <> 'orders.order-ready'
  ), paid as (
    insert into payments (order_id, status, amount, currency, version) select id, 'captured', 600, 'GBP', 2 from numbered
  ), mailed as (
    insert into emails (id, recipient, message_id, sent_at, version)
    select id || ':' || lower(status), 'one@example.com', '<' || id || '@example.com>', to_timestamp(ms / 1000), 1
    from numbered where status in ('SHIPPED', 'CANCELLED')
  )
  insert into timers (correlation_id, type, version, producer, payload, due_at)
  select id, 'orders.enforce-shipping-deadline', 1, 'orders', jsonb_build_object('orderId', id), now() + interval '1 hour'
  from numbered where status = 'PAID'`;

/** `$1` letters of eleven kinds: nine of ten open; one kind has half of all. Before them came ten times as many, which are settled. */
const LETTERS = `
  with settled as (
    insert into dead_letters (id, actor, message_id, type, correlation_id, body, headers, road, error_code, error_message, stack, attempts,
                              release, fingerprint, status)
    select ${idOf('extract(epoch from now()) * 1000 - 172800000 + n', `'letter ' || n`)}, 'shipping', 'settled ' || n,
      'orders.order-ready', md5(n::text), repeat('b', 300), '{}', 'runtime', 'carrier.refused', 'the carrier said no', repeat('s', 1300), 10,
      'bench', 'kind-' || n % 20, 'redriven'
    from generate_series(1, 10 * $1::integer) as n
  )
  insert into dead_letters (id, actor, message_id, type, correlation_id, body, headers, road, error_code, error_message, stack,
                            attempts, release, fingerprint, status)
  select log.id, actor, log.id, log.type, log.correlation_id, log.payload::text, '{"x-attempt":"10"}'::jsonb, 'runtime', code,
    'the carrier said ' || kind || ' of ' || log.id, repeat('    at Carrier.ship (/app/dist/workers/shipping/carrier.js:12:34)' || chr(10), 20),
    10, 'bench', 'kind-' || kind, case when n % 10 = 0 then 'redriven' else 'open' end
  from (select row_number() over (order by id desc) as n, id, type, correlation_id, payload from event_log
        where type = 'orders.order-ready' order by id desc limit $1::integer) as log,
    lateral (select case when n % 2 = 0 then 0 else n % 20 end as kind) as of_kind,
    lateral (select (array['shipping', 'email'])[1 + kind % 2] as actor, 'carrier.refused-' || kind as code) as named
  on conflict do nothing`;

/** The newest `$1` messages are not sent yet. */
const OUTBOX = `
  insert into outbox (id, leased_until) select id, now() + interval '1 day' from event_log order by id desc limit $1`;

const ACTIONS_TAKEN = `
  insert into operator_actions (id, operator_id, operator_name, action, thing, thing_id, reason, details, made_at)
  select ${idOf('extract(epoch from now()) * 1000 - n * 1000', `'action ' || n`)}, '01900000-0000-7000-8000-000000000000', 'bench',
    'redrive', 'dead-letter', md5(n::text), 'to try it again', null, now() - n * interval '1 second'
  from generate_series(1, $1::integer) as n`;

/** A scheduler that has run all day knows that all but the newest `$1` messages are handled. */
const LAG_KNOWN = `
  insert into measured_positions (name, position)
  select 'lag ' || actor, newest.id from unnest(array['orders', 'inventory', 'payment', 'shipping', 'email']) as actor,
    (select id from event_log order by id desc limit 1 offset $1::integer) as newest`;

const REPLAYS_MADE = `
  insert into replays (id, actor, from_id, until_id, effects, imported, per_second, status, rehearsal, made_by, reason)
  select ${idOf('extract(epoch from now()) * 1000 - n * 1000', `'replay ' || n`)}, 'email', uuid_v7_floor(now() - interval '1 day'),
    uuid_v7_floor(now()), false, false, 100, 'finished', null, 'bench', 'to catch up'
  from generate_series(1, $1::integer) as n`;
