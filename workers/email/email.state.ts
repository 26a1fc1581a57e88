/** Which e-mails were sent. */
import { keyedState, text, timestamptz, type Value } from '../../shared/actors/keyed-state.js';

/** `recipient` is the customer as the message had it: sealed, or a plain address. */
export const Emails = keyedState('emails', {
  key: { column: 'id', type: 'text' },
  fixed: { recipient: text(), messageId: text(), sentAt: timestamptz() },
  columns: {},
});
export type Email = Value<typeof Emails>;
