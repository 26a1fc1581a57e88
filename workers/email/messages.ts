/** What email obeys, what it writes about, and how what it has sent is found. */
import { type Contract, command, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { OrderId, Uuid } from '../../shared/messaging/vocabulary.js';
import { OrderCancelled, OrderConfirmed } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';

const resend = { orderId: OrderId, resendId: Uuid };

/**
 * Send a mail once more that was sent before, because somebody asked for it. It says what the first one said, so it carries what that
 * was about; `resendId` tells one wish from the next. Version 2 seals its customer.
 */
export const ResendMail = command(
  'email.resend-mail',
  2,
  Type.Union([
    Type.Object({ ...resend, occasion: Type.Literal('confirmed'), about: OrderConfirmed.schema }),
    Type.Object({ ...resend, occasion: Type.Literal('shipped'), about: OrderShipped.schema }),
    Type.Object({ ...resend, occasion: Type.Literal('cancelled'), about: OrderCancelled.schema }),
  ]),
  { 1: (wish) => wish },
);
export type ResendMail = Payload<typeof ResendMail>;

/** What customers are written to about. Whatever they are written to about can be sent again. */
export type Occasion = ResendMail['occasion'];

/** What happened, by the occasion that it is. */
export const EVENT_OF = {
  confirmed: OrderConfirmed,
  shipped: OrderShipped,
  cancelled: OrderCancelled,
} as const satisfies Record<Occasion, Contract>;

/** In the order in which they come. (The keys of an object are typed as texts.) */
export const OCCASIONS = Object.keys(EVENT_OF) as Occasion[];

/** The key of an order's e-mail: there is one for each occasion, and one for each wish to have that sent again. */
export const emailKey = (orderId: string, occasion: Occasion, resendId?: string): string =>
  [orderId, occasion, ...(resendId === undefined ? [] : [resendId])].join(':');

/** `emailKey` in SQL, of expressions for its parts. */
export const emailKeySql = (orderId: string, occasion: string, resendId?: string): string =>
  [orderId, occasion, ...(resendId === undefined ? [] : [resendId])].map((part) => `(${part})`).join(" || ':' || ");

/** The parts of a key in SQL. Of a first mail, `resendId` is empty. */
export const EMAIL_KEY_PARTS = {
  orderId: "split_part(emails.id, ':', 1)",
  occasion: "split_part(emails.id, ':', 2)",
  resendId: "split_part(emails.id, ':', 3)",
} as const;

/** The keys of the orders' first mails. */
export const firstMailKeys = (orderIds: readonly string[]): string[] =>
  orderIds.flatMap((orderId) => OCCASIONS.map((occasion) => emailKey(orderId, occasion)));

/**
 * For `EMAIL_RANGES`, which is given these as `$1` and `$2`: where first mails stand, and past which none stands that was sent again.
 * Wishes begin with a hexadecimal digit.
 */
export function emailRanges(orderIds: readonly string[]): readonly [keys: string[], past: string[]] {
  const keys = firstMailKeys(orderIds);
  return [keys, keys.map((key) => `${key}:g`)];
}

/**
 * All mails of the orders, first ones and those that were sent again. A range, so that the index finds both under any collation. Its end
 * is given, since row-level security lets no index look for what the statement computes of a row.
 */
export const EMAIL_RANGES = {
  from: 'unnest($1::text[], $2::text[]) as first (key, past)',
  where: "emails.id >= key and emails.id < past and (emails.id = key or starts_with(emails.id, key || ':'))",
} as const;
