/** A line of a file as the message that it is, if it is one. Pure. */
import type { Contract } from '../../../shared/messaging/contract.js';
import { InvalidMessage } from '../../../shared/messaging/invalid-message.js';
import type { Message } from '../../../shared/messaging/message.js';
import type { EventLine } from '../events/event-line.js';
import type { FleetActor } from '../fleet.js';

/** The message; what is wrong with it; or nothing, where its actor does not take it. */
export type Read =
  | { readonly message: Message }
  | { readonly fault: { readonly member: string; readonly detail: string } }
  | undefined;

const VERSION_7 = /^.{14}7/;
/** In JSON: what PostgreSQL cannot hold, a NUL or half of a surrogate pair. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

export function readLine(line: EventLine, { contracts }: FleetActor, fleet: readonly FleetActor[]): Read {
  if (!VERSION_7.test(line.id)) return wrong('id', 'has to be a UUID of version 7: messages are ordered by it');
  const contract = contracts.get(line.type) ?? contractOf(line.type, fleet);
  if (contract === undefined) return undefined;
  try {
    contract.parse(line.payload, line.version);
  } catch (error) {
    if (error instanceof InvalidMessage) return wrong('payload', error.message);
    throw error;
  }
  const occurredAt = new Date(line.occurredAt);
  if (Number.isNaN(occurredAt.getTime())) return wrong('occurredAt', 'is no day of the calendar, or no time of a day');
  const body = JSON.stringify(line.payload);
  if (UNSTORABLE.test(body)) return wrong('payload', 'has a NUL or an unpaired surrogate in a text');
  if (!contracts.has(line.type)) return undefined;
  const { id, type, version, orderId: correlationId, causationId, producer } = line;
  return { message: { id, type, version, correlationId, causationId, producer, occurredAt, body } };
}

/** Of whoever takes it. */
const contractOf = (type: string, fleet: readonly FleetActor[]): Contract | undefined =>
  fleet.find(({ contracts }) => contracts.has(type))?.contracts.get(type);

const wrong = (member: string, detail: string): Read => ({ fault: { member, detail } });
