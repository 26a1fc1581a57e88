/** A delivery as its storefront sees it, and where it stands in the database. */
import { validate } from 'uuid';
import Type from '../../shared/messaging/typebox.js';
import type { AttemptRecord, DeliveryStatus } from '../../workers/webhooks/messages.js';
import { Problem } from '../problem.js';

export const Status = Type.Union([Type.Literal('pending'), Type.Literal('delivered'), Type.Literal('failed')]);

export const DeliveryPath = Type.Object({ id: Type.String() });

const properties = {
  id: Type.String(),
  endpointId: Type.String(),
  /** As the header `webhook-id` has it, the same at every attempt. */
  webhookId: Type.String(),
  type: Type.String(),
  orderId: Type.Optional(Type.String()),
  status: Status,
  /** Begun since it was made or last replayed. */
  attempts: Type.Integer(),
  /** Of a pending one. */
  nextAttemptAt: Type.Optional(Type.String()),
  createdAt: Type.String(),
  settledAt: Type.Optional(Type.String()),
};
export const Delivery = Type.Object(properties);
export type Delivery = Type.Static<typeof Delivery>;

const Attempt = Type.Object({
  at: Type.String(),
  tookMs: Type.Integer(),
  status: Type.Optional(Type.Integer()),
  error: Type.Optional(Type.String()),
});
/** With what is sent, and the newest attempts. */
export const WholeDelivery = Type.Object({ ...properties, body: Type.String(), log: Type.Array(Attempt) });

export interface DeliveryRow {
  readonly id: string;
  readonly endpointId: string;
  readonly webhookId: string;
  readonly type: string;
  readonly orderId: string | null;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

export interface WholeDeliveryRow extends DeliveryRow {
  readonly body: string;
  readonly log: readonly AttemptRecord[];
}

export const DELIVERY_COLUMNS = `delivery.id, endpoint_id as "endpointId", webhook_id as "webhookId", type, order_id as "orderId",
  status, attempts, due_at as "dueAt", delivery.created_at as "createdAt", settled_at as "settledAt"`;

export function deliveryOf(row: DeliveryRow): Delivery {
  const { id, endpointId, webhookId, type, orderId, status, attempts, dueAt, createdAt, settledAt } = row;
  return {
    id,
    endpointId,
    webhookId,
    type,
    ...(orderId === null ? {} : { orderId }),
    status,
    attempts,
    ...(status === 'pending' ? { nextAttemptAt: dueAt.toISOString() } : {}),
    createdAt: createdAt.toISOString(),
    ...(settledAt === null ? {} : { settledAt: settledAt.toISOString() }),
  };
}

/** @throws {Problem} `webhook-delivery.not-found` for what is no id */
export function deliveryIdOf({ id }: { readonly id: string }): string {
  if (!validate(id)) throw deliveryNotFound();
  return id;
}

/** Another's delivery is none. */
export const deliveryNotFound = (): Problem =>
  new Problem('webhook-delivery.not-found', 'Your storefront has no delivery with this id, or it is no longer kept.');
