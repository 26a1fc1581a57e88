/** What webhooks tells storefronts: the published types and the body, which only ever grow. */
import Type from '../../shared/messaging/typebox.js';
import { OrderId } from '../../shared/messaging/vocabulary.js';

/** What storefronts are told by themselves. That an order was placed they know, since they placed it. */
export const ORDER_WEBHOOKS = ['order.confirmed', 'order.shipped', 'order.cancelled', 'order.refunded'] as const;
export type OrderWebhook = (typeof ORDER_WEBHOOKS)[number];

/** Goes to one endpoint, whatever types it wants, when its storefront asks for it. */
export const TEST_WEBHOOK = 'endpoint.test';

/**
 * About an order, thin: who wants more asks for the order. It names no customer. A status never goes back: CONFIRMED, then
 * SHIPPED or CANCELLED; `order.refunded` comes with CANCELLED.
 */
export const OrderWebhookData = Type.Object({
  orderId: OrderId,
  /** The storefront's own, where it gave one. */
  reference: Type.Optional(Type.String()),
  status: Type.Union([Type.Literal('CONFIRMED'), Type.Literal('SHIPPED'), Type.Literal('CANCELLED')]),
  /** Of a cancelled one. */
  reason: Type.Optional(Type.String()),
});
export type OrderWebhookData = Type.Static<typeof OrderWebhookData>;

/** The body of a webhook. `timestamp` is when it happened, the same at every attempt. */
export interface WebhookBody {
  readonly type: OrderWebhook | typeof TEST_WEBHOOK;
  readonly timestamp: string;
  readonly data: OrderWebhookData | { readonly endpointId: string };
}

/** `pending` until an attempt was answered with 2xx, or there are no attempts left. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** What became of one attempt, as the delivery log has it. */
export interface AttemptRecord {
  readonly at: string;
  /** Milliseconds. */
  readonly tookMs: number;
  /** Of the answer; absent when there was none. */
  readonly status?: number;
  /** Why it does not count as delivered. */
  readonly error?: AttemptError;
}

/** `address-refused`: the host led to an address that is not public, and nothing was sent. */
export type AttemptError =
  | 'status'
  | 'redirect'
  | 'gone'
  | 'timeout'
  | 'connection'
  | 'address-refused'
  | 'url-refused';
