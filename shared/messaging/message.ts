/** A message as it is stored in the event log and sent: everything but the way it travels. */
import type { Contract, Payload } from './contract.js';
import { newId } from './message-id.js';

export interface Message {
  /** UUID v7, stable for ever. */
  readonly id: string;
  /** Full name, the routing key. */
  readonly type: string;
  /** Schema version of the body. */
  readonly version: number;
  /** Order id. */
  readonly correlationId: string;
  /** Id of the message that led to this one; null when a caller from outside did. */
  readonly causationId: string | null;
  /** The actor or process that published it. */
  readonly producer: string;
  readonly occurredAt: Date;
  /** The payload as JSON. */
  readonly body: string;
}

/**
 * A new message with an id of its own.
 * @throws {InvalidMessage} when the payload does not fit the contract
 */
export function newMessage<C extends Contract>(
  contract: C,
  payload: Payload<C>,
  from: Pick<Message, 'correlationId' | 'causationId' | 'producer' | 'occurredAt'>,
): Message {
  return {
    id: newId(),
    type: contract.name,
    version: contract.version,
    correlationId: from.correlationId,
    causationId: from.causationId,
    producer: from.producer,
    occurredAt: from.occurredAt,
    body: JSON.stringify(contract.parse(payload)),
  };
}
