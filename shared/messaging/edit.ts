/** A message with another payload: a new message with an id of its own, caused by the one before. Pure. */
import type { Contract } from './contract.js';
import { HEADER, type Headers } from './wire.js';

export interface EditedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly headers: Headers;
}

/** @throws {InvalidMessage} when the payload does not fit the newest version of the contract */
export function editMessage(
  before: { readonly messageId: string; readonly headers: Headers },
  {
    contract,
    payload,
    messageId,
  }: { readonly contract: Contract; readonly payload: unknown; readonly messageId: string },
): EditedMessage {
  return {
    messageId,
    body: JSON.stringify(contract.parse(payload)),
    headers: {
      ...before.headers,
      [HEADER.id]: messageId,
      [HEADER.schemaVersion]: contract.version,
      [HEADER.causationId]: before.messageId,
    },
  };
}
