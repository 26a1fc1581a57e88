/** Where a message that is sent is not as the reference says. Pure but for the validators it compiles. */
import { HEADER, type Packet } from '../../../shared/messaging/wire.js';
import type { Documents } from './documents.js';

export type Sent = Pick<Packet, 'exchange' | 'routingKey' | 'content' | 'headers'>;

/** Undefined when there is none. Exchanges of the retry ladder, of dead letters and of actors that only tests have are no owner's. */
export function messageDeviation(documents: Documents, sent: Sent): string | undefined {
  const { messages } = documents.asyncapi.components;
  const owners = new Set(Object.keys(messages).map((name) => name.slice(0, name.indexOf('.'))));
  if (!owners.has(sent.exchange)) return undefined;
  const version = sent.headers[HEADER.schemaVersion];
  const name = `${sent.routingKey}.v${version}`;
  const documented = messages[name];
  if (documented === undefined) return `${name} was sent: the reference has no such message`;
  const faults =
    documents.faultsOf(documented.headers, sent.headers) ||
    documents.faultsOf(documented.payload, JSON.parse(sent.content.toString()));
  return faults === '' ? undefined : `${name} was sent: ${faults}`;
}
