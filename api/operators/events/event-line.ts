/** A message of the event log as it is exported and imported: a line of newline-delimited JSON. */
import type { Message } from '../../../shared/messaging/message.js';
import Type, { type Static } from '../../../shared/messaging/typebox.js';
import { oneLine, Time, Uuid } from '../../one-line-text.js';

export const EventLine = Type.Object(
  {
    id: Uuid,
    type: oneLine(128),
    version: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    orderId: Uuid,
    causationId: Type.Union([Uuid, Type.Null()]),
    producer: oneLine(128),
    occurredAt: Time,
    payload: Type.Unknown(),
  },
  { additionalProperties: false },
);
export type EventLine = Static<typeof EventLine>;

export const lineOf = ({ body, occurredAt, correlationId, ...message }: Message): EventLine => ({
  id: message.id,
  type: message.type,
  version: message.version,
  orderId: correlationId,
  causationId: message.causationId,
  producer: message.producer,
  occurredAt: occurredAt.toISOString(),
  payload: JSON.parse(body),
});
