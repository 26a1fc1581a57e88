/** What an operator's wish to have a mail sent again comes to: a message to email, or nothing where it was passed on before. */
import { type Message, newMessage } from '../../../shared/messaging/message.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import { EVENT_OF, emailKey, type Occasion, ResendMail } from '../../../workers/email/messages.js';
import { leastMessageId, orderNotFound } from '../../orders/order-id.js';
import { Problem } from '../../problem.js';

export interface MailWish {
  readonly orderId: string;
  readonly occasion: Occasion;
  /** Tells it from the other wishes of the order. */
  readonly resendId: string;
}

/**
 * The message that passes the wish on; undefined where it was passed on before. The order stays locked, so that of one wish that is
 * made twice at once, one is passed on.
 * @throws {Problem} `order.not-found`, `mail.resend-id-reused`, `mail.erased`, `mail.not-sent`, `mail.outdated`, `mail.not-kept`
 */
export async function messageFor(transaction: Transaction, wish: MailWish): Promise<Message | undefined> {
  const { status, erased } = await lockOrder(transaction, wish.orderId);
  if (await wasPassedOn(transaction, wish)) return undefined;
  if (erased)
    throw new Problem('mail.erased', 'Who ordered was erased, and with that the address. No mail can be sent.');
  const about = await sentAbout(transaction, wish, status);
  return newMessage(ResendMail, ResendMail.parse({ ...wish, about }), {
    correlationId: wish.orderId,
    causationId: null,
    producer: 'web',
    occurredAt: new Date(),
  });
}

async function lockOrder(
  transaction: Transaction,
  orderId: string,
): Promise<{ readonly status: string; readonly erased: boolean }> {
  const { rows } = await transaction.query<{ status: string; erased: boolean }>({
    text: 'select status, persons_erased_at is not null as erased from orders where id = $1 for no key update',
    values: [orderId],
  });
  const [order] = rows;
  if (order === undefined) throw orderNotFound();
  return order;
}

async function wasPassedOn(transaction: Transaction, { orderId, occasion, resendId }: MailWish): Promise<boolean> {
  const { rows } = await transaction.query<{ occasion: string }>({
    text: `select payload ->> 'occasion' as occasion from event_log
           where correlation_id = $1 and id >= $2 and type = $3 and payload ->> 'resendId' = $4`,
    values: [orderId, leastMessageId([orderId]), ResendMail.name, resendId],
  });
  const [earlier] = rows;
  if (earlier === undefined) return false;
  if (earlier.occasion === occasion) return true;
  throw new Problem(
    'mail.resend-id-reused',
    `The resendId belongs to a wish for the mail "${earlier.occasion}" of this order. Use a new one for the mail "${occasion}".`,
  );
}

/** What the first mail was about, as its contract has it now. */
async function sentAbout(transaction: Transaction, { orderId, occasion }: MailWish, status: string): Promise<unknown> {
  const { rows } = await transaction.query<{ sent: boolean; payload: unknown; version: number | null }>({
    text: `select exists (select from emails where id = $2) as sent, log.payload, log.version
           from (select) as one left join lateral (
             select payload, version from event_log
             where correlation_id = $1::uuid and type = $3 and id >= $4 order by id limit 1
           ) as log on true`,
    values: [orderId, emailKey(orderId, occasion), EVENT_OF[occasion].name, leastMessageId([orderId])],
  });
  const [row] = rows;
  if (row?.sent !== true) {
    throw new Problem(
      'mail.not-sent',
      `The mail "${occasion}" of this order was never sent. If it should have been, the explanation of the order tells what it waits for.`,
    );
  }
  if (occasion === 'confirmed' && (status === 'CANCELLING' || status === 'CANCELLED')) {
    throw new Problem(
      'mail.outdated',
      `The order is ${status}, and the mail "confirmed" promises that it comes. Once it is cancelled, send the mail "cancelled" again.`,
    );
  }
  if (row.version === null) {
    throw new Problem(
      'mail.not-kept',
      `What the mail "${occasion}" was about is no longer in the event log; write to the customer yourself.`,
    );
  }
  return EVENT_OF[occasion].parse(row.payload, row.version);
}
