/** Writes down what came of attempts, many in one transaction, and what they say about their endpoints. */
import type { Database, Transaction } from '../../shared/postgres/database.js';
import type { Attempted } from './attempt.js';
import type { Claimed } from './claims.js';
import type { AttemptRecord } from './messages.js';
import type { Verdict } from './verdict.js';

/** Attempts kept in the log of a delivery, the newest. */
const KEPT = 20;

export interface Settlement {
  readonly delivery: Claimed;
  readonly at: Date;
  readonly attempted: Attempted;
  readonly verdict: Verdict;
}

export interface DisabledEndpoint {
  readonly id: string;
  readonly storefrontId: string;
  readonly why: 'gone' | 'failing';
}

/**
 * Settles deliveries that nobody else has claimed meanwhile. Returns the endpoints that this has disabled: those that are
 * gone, and those that have failed for so long without a success in between.
 */
export function settle(
  database: Database,
  settlements: readonly Settlement[],
  disableAfterMs: number,
): Promise<DisabledEndpoint[]> {
  return database.transaction(async (transaction) => {
    await settleDeliveries(transaction, settlements);
    return noteHealth(transaction, settlements, disableAfterMs);
  });
}

/** Gives a delivery back, due after so many milliseconds, and as if its attempt had not been begun. */
export async function release(database: Transaction, { id, claim }: Claimed, pauseMs: number): Promise<void> {
  await database.query({
    name: 'webhook-delivery-release',
    text: `update webhook_deliveries
           set claim = null, due_at = now() + $3::integer * interval '1 millisecond', attempts = attempts - 1
           where id = $1 and claim = $2`,
    values: [id, claim, pauseMs],
  });
}

/** As `release`, and notes that nothing can be sent to the endpoint from here, for operators to see. */
export function putOff(database: Database, delivery: Claimed, pauseMs: number): Promise<void> {
  return database.transaction(async (transaction) => {
    await release(transaction, delivery, pauseMs);
    await transaction.query({
      name: 'webhook-endpoint-stuck',
      text: 'update webhook_endpoints set stuck_since = now() where id = $1 and stuck_since is null',
      values: [delivery.endpointId],
    });
  });
}

async function settleDeliveries(transaction: Transaction, settlements: readonly Settlement[]): Promise<void> {
  await transaction.query({
    name: 'webhook-deliveries-settle',
    text: `with made as (
             select made.* from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::jsonb[]) as made (id, claim, status, pause_ms, record)
             join webhook_deliveries as delivery on delivery.id = made.id and delivery.claim = made.claim
             order by made.id for update of delivery
           )
           update webhook_deliveries as delivery
           set status = made.status, claim = null,
               due_at = now() + made.pause_ms * interval '1 millisecond',
               settled_at = case when made.status = 'pending' then null else now() end,
               log = (case when jsonb_array_length(log) >= $6 then log - 0 else log end) || made.record
           from made where delivery.id = made.id and delivery.claim = made.claim`,
    values: [
      settlements.map(({ delivery }) => delivery.id),
      settlements.map(({ delivery }) => delivery.claim),
      settlements.map(({ verdict }) => verdict.status),
      settlements.map(({ verdict }) => verdict.pauseMs ?? 0),
      settlements.map((settlement) => JSON.stringify(recordOf(settlement))),
      KEPT,
    ],
  });
}

/** Only endpoints whose health has changed are written, and none whose URL has: it says nothing about the new one. */
async function noteHealth(
  transaction: Transaction,
  settlements: readonly Settlement[],
  disableAfterMs: number,
): Promise<DisabledEndpoint[]> {
  const latest = [...new Map(settlements.map((one) => [one.delivery.endpointId, one])).values()];
  const { rows } = await transaction.query<DisabledEndpoint & { readonly disabledNow: boolean }>({
    name: 'webhook-endpoints-health',
    text: `with known as (
             select endpoint.id, told.failed, told.ailing, told.gone,
                    endpoint.disabled_at is null and (told.gone or told.failed
                      and coalesce(endpoint.failing_since < now() - $6::bigint * interval '1 millisecond', false)) as disable
             from unnest($1::uuid[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[]) as told (id, url, failed, ailing, gone)
             join webhook_endpoints as endpoint on endpoint.id = told.id and endpoint.url = told.url
             where endpoint.stuck_since is not null or endpoint.ailing <> told.ailing or told.failed = (endpoint.failing_since is null) or told.gone
                or told.failed and endpoint.failing_since < now() - $6::bigint * interval '1 millisecond'
             order by endpoint.id for no key update of endpoint
           )
           update webhook_endpoints as endpoint
           set ailing = known.ailing, stuck_since = null,
               failing_since = case when known.failed then coalesce(endpoint.failing_since, now()) end,
               disabled_at = case when known.disable then now() else endpoint.disabled_at end,
               disabled_why = case when not known.disable then endpoint.disabled_why
                                   when known.gone then 'gone' else 'failing' end
           from known where endpoint.id = known.id
           returning endpoint.id, endpoint.storefront_id as "storefrontId", endpoint.disabled_why as why,
             known.disable as "disabledNow"`,
    values: [
      latest.map(({ delivery }) => delivery.endpointId),
      latest.map(({ delivery }) => delivery.url),
      latest.map(({ verdict }) => verdict.endpoint.failed),
      latest.map(({ verdict }) => verdict.endpoint.ailing),
      latest.map(({ verdict }) => verdict.endpoint.gone),
      disableAfterMs,
    ],
  });
  return rows.flatMap(({ disabledNow, ...endpoint }) => (disabledNow ? [endpoint] : []));
}

function recordOf({ at, attempted: { tookMs, status, error } }: Settlement): AttemptRecord {
  return {
    at: at.toISOString(),
    tookMs,
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error }),
  };
}
