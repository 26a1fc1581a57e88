/** Which e-mails were sent. */
import { keyedState, text, timestamptz, type Value } from '../../shared/actors/keyed-state.js';
import type { Occasion } from './mails.js';

/** `recipient` is the customer as the message had it: sealed, or a plain address. */
export const Emails = keyedState('emails', {
  key: { column: 'id', type: 'text' },
  fixed: { recipient: text(), messageId: text(), sentAt: timestamptz() },
  columns: {},
});
export type Email = Value<typeof Emails>;

/** The key of an order's e-mail: there is one for each occasion, and one for each wish to have that sent again. */
export const emailKey = (orderId: string, occasion: Occasion, resendId?: string): string =>
  [orderId, occasion, ...(resendId === undefined ? [] : [resendId])].join(':');
