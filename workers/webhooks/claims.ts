/**
 * Deliveries that are due, taken by one process at a time. A claim is a lease: a delivery whose process has died is due
 * again when it has run out, and somebody else makes the next attempt.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../shared/postgres/database.js';

export interface Claimed {
  readonly id: string;
  /** Tells this attempt's outcome from that of one who took the delivery for dead. */
  readonly claim: string;
  readonly endpointId: string;
  readonly storefrontId: string;
  readonly webhookId: string;
  readonly type: string;
  readonly body: string;
  readonly url: string;
  /** One, or two while they are rotated; sealed for the endpoint. */
  readonly sealedSecrets: readonly string[];
  /** This one, from 1. */
  readonly attempt: number;
  readonly ailing: boolean;
}

export interface Room {
  /** For endpoints that answer well. */
  readonly healthy: number;
  /** For those whose last attempt failed or was slow. */
  readonly ailing: number;
}

/** Attempts at one endpoint at once, in all processes together. */
const AT_ONE_ENDPOINT = 4;
/** An ailing one is asked one thing at a time: each may take as long as a timeout. */
const AT_AN_AILING_ENDPOINT = 1;

/**
 * Claims as many as there is room for. Storefronts have their turns in rounds, and one gets a further place while more are free than it
 * has, so one with much to be told, or slow to listen, does not keep the others waiting; endpoints that fail have room of their own, so
 * they do not either. Processes that claim at the same moment do not see each other: an endpoint may then have more at once.
 * @param underWay what this process has claimed and not settled
 */
export async function claimDue(
  database: Database,
  { healthy, ailing }: Room,
  { underWay, leaseMs }: { readonly underWay: readonly Claimed[]; readonly leaseMs: number },
): Promise<Claimed[]> {
  if (healthy <= 0 && ailing <= 0) return [];
  const { rows } = await database.query<Claimed>({
    name: 'webhook-deliveries-claim',
    text: CLAIM,
    values: [
      ...[AT_ONE_ENDPOINT, AT_AN_AILING_ENDPOINT, Math.max(0, healthy), Math.max(0, ailing), randomUUID(), leaseMs],
      underWay.map(({ storefrontId }) => storefrontId),
      underWay.map((one) => one.ailing),
    ],
  });
  return rows;
}

/** The endpoints are found by skipping from one to the next along the index, however much each has to be told. */
const CLAIM = `
  with recursive waiting (endpoint_id) as (
    (select endpoint_id from webhook_deliveries where status = 'pending' order by endpoint_id limit 1)
    union all
    select (select next.endpoint_id from webhook_deliveries as next
            where next.status = 'pending' and next.endpoint_id > waiting.endpoint_id order by next.endpoint_id limit 1)
    from waiting where waiting.endpoint_id is not null
  ), open as (
    select id, storefront_id, ailing,
           case when ailing then $2::integer else $1::integer end
             - (select count(*) from webhook_deliveries as held
                where held.endpoint_id = endpoint.id and held.claim is not null and held.due_at > now()) as room
    from waiting join webhook_endpoints as endpoint on endpoint.id = waiting.endpoint_id
    where endpoint.disabled_at is null and endpoint.deleted_at is null
  ), due as (
    select delivery.id, delivery.due_at, open.storefront_id, open.ailing,
           row_number() over (partition by open.storefront_id, open.ailing order by delivery.due_at) as turn
    from open cross join lateral (
      select id, due_at from webhook_deliveries as one
      where one.endpoint_id = open.id and one.status = 'pending' and one.due_at <= now()
      order by one.due_at limit greatest(open.room, 0) for update skip locked
    ) as delivery
  ), taken as (
    select storefront_id, ailing, count(*) as places
    from unnest($7::uuid[], $8::boolean[]) as one (storefront_id, ailing) group by 1, 2
  ), chosen as (
    select id from (
      select id, ailing, row_number() over (partition by ailing order by turn + coalesce(places, 0), due_at) as place
      from due left join taken using (storefront_id, ailing)
      where 2 * turn + coalesce(places, 0) <= case when ailing then $4::integer else $3::integer end + 1
    ) as placed
    where place <= case when ailing then $4::integer else $3::integer end
  )
  update webhook_deliveries as delivery
  set claim = $5, due_at = now() + $6::integer * interval '1 millisecond', attempts = attempts + 1
  from chosen, webhook_endpoints as endpoint
  where delivery.id = chosen.id and endpoint.id = delivery.endpoint_id
  returning delivery.id, delivery.claim, delivery.endpoint_id as "endpointId",
    endpoint.storefront_id as "storefrontId", delivery.webhook_id as "webhookId",
    delivery.type, delivery.body, endpoint.url, endpoint.ailing, delivery.attempts as attempt,
    case when endpoint.previous_until > now() then array[endpoint.sealed_secret, endpoint.sealed_previous_secret]
         else array[endpoint.sealed_secret] end as "sealedSecrets"`;
