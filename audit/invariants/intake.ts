/** 1: what was accepted is there, what is there was asked for, and a repeated request made nothing more. */
import { OrderPlaced } from '../../workers/orders/messages.js';
import { countOf, type Dossier } from '../dossier.js';
import type { Evidence } from '../evidence.js';
import { grouped } from '../grouped.js';
import type { Found, Invariant, Violation } from '../invariant.js';
import { findSetWise, since } from '../set-wise.js';
import type { LoggedRequest } from '../sources/request-log.js';

export const intake: Invariant = {
  number: 1,
  title: 'intake',
  checks: [
    {
      what: 'an order belongs to one idempotency key',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; keys: number }>(evidence, {
          count: `select count(*) from orders where ${since('id')}`,
          faulty: `select orders.id as "orderId", count(key) as keys
                   from orders left join idempotency_keys on order_id = orders.id
                   where ${since('orders.id')} group by orders.id having count(key) <> 1`,
          violation: ({ orderId, keys }) => ({
            orderId,
            what:
              keys === 0
                ? 'nobody asked for it: no idempotency key leads to it'
                : `${keys} idempotency keys lead to it`,
          }),
        }),
    },
    {
      what: 'an idempotency key leads to an order of its storefront',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; key: string }>(evidence, {
          // That of a request that was refused leads to no order.
          count: `select count(*) from idempotency_keys where order_id is not null and ${since('order_id')}`,
          faulty: `select order_id as "orderId", key from idempotency_keys as claim
                   where order_id is not null and ${since('order_id')} and not exists (
                     select from orders where id = claim.order_id and storefront_id = claim.storefront_id)`,
          violation: ({ orderId, key }) => ({ orderId, what: `key ${key} was promised it, and it is not there` }),
        }),
    },
    {
      what: 'an order is announced once',
      holds: 'always',
      judge: async () => announcedOnce,
    },
    {
      what: 'what the load run was told is so',
      holds: 'when-quiet',
      find: answersKept,
    },
  ],
};

export function announcedOnce(order: Dossier): string[] {
  const times = countOf(order, OrderPlaced.name);
  return times === 1 ? [] : [`was announced ${times} times`];
}

/** An order of the database, by the key it was asked for with. */
export interface Stored {
  readonly orderId: string;
  readonly key: string;
}

async function answersKept({ database, sources }: Evidence): Promise<Found> {
  const requests = await sources.requests();
  const sent = requests.map(({ at }) => Date.parse(at)).sort((one, other) => one - other);
  const told = requests.flatMap(({ orderId }) => orderId ?? []);
  // The storefront of a run is that of the orders it was told of; others may use the same keys.
  const { rows } = await database.query<Stored & { inTime: boolean }>({
    text: `select orders.id as "orderId", key, placed_at between $2 and $3 as "inTime"
           from orders join idempotency_keys on order_id = orders.id
           where orders.storefront_id in (select storefront_id from orders where id = any($1::uuid[]))`,
    values: [told, new Date(sent.at(0) ?? 0), new Date((sent.at(-1) ?? 0) + STORED_WITHIN_MS)],
  });
  return { checked: requests.length, violations: brokenAnswers(requests, rows, (stored) => stored.inTime) };
}

/** How long after it was sent a request can still be stored: the storefront waits 15 s, the intake 10 s more. */
const STORED_WITHIN_MS = 30_000;

/** Pure. @param duringTheRun whether nobody but the run can have asked for the order */
export function brokenAnswers<S extends Stored>(
  requests: readonly LoggedRequest[],
  stored: readonly S[],
  duringTheRun: (order: S) => boolean,
): Violation[] {
  const orderOf = new Map(stored.map(({ key, orderId }) => [key, orderId]));
  const byKey = grouped(requests, ({ idempotencyKey }) => idempotencyKey);
  const answers = [...byKey].flatMap(([key, ofKey]): Violation[] => {
    const orderId = orderOf.get(key);
    const told = new Set(ofKey.flatMap((request) => (request.kind === 'ok' ? (request.orderId ?? '') : [])));
    const wrong = [...told].filter((one) => one !== orderId);
    if (wrong.length > 0)
      return wrong.map((one) => ({ orderId: one, what: `was accepted under key ${key}, and is not there` }));
    if (orderId !== undefined && ofKey.every(({ kind }) => kind === 'refused')) {
      return [{ orderId, what: `is there, and every request with key ${key} was refused` }];
    }
    return [];
  });
  const unasked = stored
    .filter((order) => duringTheRun(order) && !byKey.has(order.key))
    .map(({ orderId, key }) => ({ orderId, what: `is there under key ${key}, which the run did not ask for` }));
  return [...answers, ...unasked];
}
