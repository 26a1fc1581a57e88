/** Reads the log of deliveries, and makes deliveries due again. */
import { v7 } from 'uuid';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { type DeliveryStatus, TEST_WEBHOOK, type WebhookBody } from '../../workers/webhooks/messages.js';
import { DELIVERY_COLUMNS, type DeliveryRow, deliveryNotFound, type WholeDeliveryRow } from './delivery.js';

/** Deliveries of endpoints that are deleted are as good as gone. */
const KEPT = `webhook_deliveries as delivery where delivery.storefront_id = $1
  and exists (select from webhook_endpoints as endpoint where endpoint.id = endpoint_id and endpoint.deleted_at is null)`;

export interface DeliveryFilter {
  readonly storefrontId: string;
  readonly endpoint?: string | undefined;
  readonly order?: string | undefined;
  readonly status?: DeliveryStatus | undefined;
  readonly before: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listDeliveries(own: StorefrontRows, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const { storefrontId, endpoint, order, status, before, limit } = filter;
  const { rows } = await own.of(storefrontId).query<DeliveryRow>({
    text: `select ${DELIVERY_COLUMNS} from ${KEPT}
             and ($2::uuid is null or endpoint_id = $2) and ($3::uuid is null or order_id = $3)
             and ($4::text is null or status = $4) and ($5::uuid is null or delivery.id < $5)
           order by delivery.id desc limit $6`,
    values: [storefrontId, endpoint ?? null, order ?? null, status ?? null, before ?? null, limit],
  });
  return rows;
}

/** @throws {Problem} `webhook-delivery.not-found` */
export async function findDelivery(own: StorefrontRows, storefrontId: string, id: string): Promise<WholeDeliveryRow> {
  const { rows } = await own.of(storefrontId).query<WholeDeliveryRow>({
    text: `select ${DELIVERY_COLUMNS}, body, log from ${KEPT} and delivery.id = $2`,
    values: [storefrontId, id],
  });
  if (rows[0] === undefined) throw deliveryNotFound();
  return rows[0];
}

/** What is made due. An attempt that is under way goes on, and tells what comes next; one whose lease has run out tells nothing any more. */
const DUE_AGAIN = `status = 'pending', attempts = 0, due_at = now(), settled_at = null, claim = null`;
const NOT_UNDER_WAY = `not (delivery.claim is not null and delivery.due_at > now())`;

/** Makes it due, with all its attempts before it. */
export async function replayDelivery(own: StorefrontRows, storefrontId: string, id: string): Promise<void> {
  await own.of(storefrontId).query({
    text: `update webhook_deliveries as delivery set ${DUE_AGAIN}
           where id = $1 and storefront_id = $2 and ${NOT_UNDER_WAY}`,
    values: [id, storefrontId],
  });
}

export interface ReplayRange {
  readonly storefrontId: string;
  readonly endpoint: string;
  readonly from: Date;
  readonly until: Date;
  readonly statuses: readonly DeliveryStatus[];
  /** The last one of the request before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Makes deliveries due that were made in the time, in their order. Returns their ids. */
export async function replayRange(own: StorefrontRows, range: ReplayRange): Promise<{ readonly id: string }[]> {
  const { storefrontId, endpoint, from, until, statuses, after, limit } = range;
  const { rows } = await own.of(storefrontId).query<{ id: string }>({
    text: `with chosen as (
             select id from webhook_deliveries
             where endpoint_id = $1 and id >= uuid_v7_floor($2) and id < uuid_v7_floor($3) and status = any($4::text[])
               and ($5::uuid is null or id > $5) and storefront_id = $7
             order by id limit $6 for update
           ), replayed as (
             update webhook_deliveries as delivery set ${DUE_AGAIN}
             from chosen where delivery.id = chosen.id and ${NOT_UNDER_WAY}
           )
           select id from chosen order by id`,
    values: [endpoint, from, until, statuses, after ?? null, limit, storefrontId],
  });
  return rows;
}

/** Makes a delivery of a test webhook to the endpoint, and returns its id. */
export async function makeTestDelivery(own: StorefrontRows, storefrontId: string, endpointId: string): Promise<string> {
  const id = v7();
  const body: WebhookBody = { type: TEST_WEBHOOK, timestamp: new Date().toISOString(), data: { endpointId } };
  await own.of(storefrontId).query({
    text: `insert into webhook_deliveries (id, endpoint_id, storefront_id, webhook_id, type, body) values ($1, $2, $3, $4, $5, $6)`,
    values: [id, endpointId, storefrontId, `evt_${id}`, TEST_WEBHOOK, JSON.stringify(body)],
  });
  return id;
}
