/** Makes deliveries of what was decided: one for each endpoint of the order's storefront that wants to know. */
import { idTimeMs, newId } from '../../shared/messaging/message-id.js';
import type { Database, Transaction } from '../../shared/postgres/database.js';
import type { OrderWebhook, OrderWebhookData, WebhookBody } from './messages.js';

const AT_ONCE = 500;

interface Wanted {
  readonly messageId: string;
  readonly orderId: string;
  readonly reference: string | null;
  readonly type: OrderWebhook;
  readonly status: OrderWebhookData['status'];
  readonly reason: string | null;
  readonly storefrontId: string;
  readonly endpointId: string;
}

/** Spreads what there is, at most 500 events, and returns how many there were. Several processes may do it at once. */
export function spreadEvents(database: Database): Promise<number> {
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<Wanted & { readonly events: number }>({
      name: 'webhook-events-take',
      text: `with taken as (
               delete from webhook_events where id = any(array(
                 select id from webhook_events order by id limit $1 for update skip locked))
               returning message_id, order_id, type, status, reason
             )
             select (select count(*) from taken) as events, message_id as "messageId", order_id as "orderId",
                    orders.reference, type, taken.status, reason, endpoint.storefront_id as "storefrontId",
                    endpoint.id as "endpointId"
             from (select 1) as always
             left join (taken join orders on orders.id = taken.order_id
                        join webhook_endpoints as endpoint on endpoint.storefront_id = orders.storefront_id
                          and endpoint.deleted_at is null
                          and (endpoint.types = '{}' or taken.type = any(endpoint.types))) on true
             order by endpoint.id`,
      values: [AT_ONCE],
    });
    await store(
      transaction,
      rows.filter(({ endpointId }) => endpointId !== null),
    );
    return rows[0]?.events ?? 0;
  });
}

/** An endpoint that was told before, when an operator replays old messages, is not told again. */
async function store(transaction: Transaction, wanted: readonly Wanted[]): Promise<void> {
  if (wanted.length === 0) return;
  await transaction.query({
    name: 'webhook-deliveries-make',
    text: `insert into webhook_deliveries (id, endpoint_id, storefront_id, webhook_id, type, order_id, body)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[], $7::text[])
           on conflict (endpoint_id, webhook_id) do nothing`,
    values: [
      wanted.map(() => newId()),
      wanted.map(({ endpointId }) => endpointId),
      wanted.map(({ storefrontId }) => storefrontId),
      wanted.map(({ messageId }) => `evt_${messageId}`),
      wanted.map(({ type }) => type),
      wanted.map(({ orderId }) => orderId),
      wanted.map((one) => JSON.stringify(bodyOf(one))),
    ],
  });
}

/** It happened when the message was made that tells of it. */
function bodyOf({ messageId, orderId, reference, type, status, reason }: Wanted): WebhookBody {
  return {
    type,
    timestamp: new Date(idTimeMs(messageId)).toISOString(),
    data: {
      orderId,
      ...(reference === null ? {} : { reference }),
      status,
      ...(reason === null ? {} : { reason }),
    },
  };
}
