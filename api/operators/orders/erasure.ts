/**
 * Erases who ordered, and where it went: the key that opens them wherever they stand sealed, and what a release before sealed
 * persons has left plain. What happened to the order stays.
 */
import type { Personal } from '../../../shared/messaging/vocabulary.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import { ERASED, isSealed } from '../../../shared/secrets/persons.js';
import {
  EMAIL_KEY_PARTS,
  EMAIL_RANGES,
  EVENT_OF,
  emailRanges,
  firstMailKeys,
  OCCASIONS,
  ResendMail,
} from '../../../workers/email/messages.js';
import { isAtItsEnd } from '../../../workers/orders/messages.js';
import { leastMessageId, orderNotFound } from '../../orders/order-id.js';
import { Problem } from '../../problem.js';

/** By the type of what happened. */
const OCCASION_OF = Object.fromEntries(OCCASIONS.map((occasion) => [EVENT_OF[occasion].name, occasion]));
/** What customers are written to about. */
const MAILED = [...Object.keys(OCCASION_OF), ResendMail.name];

/**
 * False when it was erased before. The order stays locked, so that no mail is asked for meanwhile.
 * @throws {Problem} `order.not-found`, `order.under-way`, `order.mails-unsent`
 */
export async function erasePersons(transaction: Transaction, orderId: string): Promise<boolean> {
  const { rows } = await transaction.query<{ status: string; erased: boolean }>({
    text: 'select status, persons_erased_at is not null as erased from orders where id = $1 for no key update',
    values: [orderId],
  });
  const [order] = rows;
  if (order === undefined) throw orderNotFound();
  if (order.erased) return false;
  if (!isAtItsEnd(order)) {
    throw new Problem(
      'order.under-way',
      `The order is ${order.status}, and whoever carries it out needs to know for whom. Cancel it, or wait until it is shipped.`,
    );
  }
  await refuseWhileMailsWait(transaction, orderId);
  await transaction.query({ text: 'delete from order_keys where order_id = $1', values: [orderId] });
  await transaction.query({
    text: `update orders set customer = $2::jsonb, shipping_address = $2::jsonb, customer_digest = null, persons_erased_at = now()
           where id = $1`,
    values: [orderId, JSON.stringify(ERASED)],
  });
  await eraseRecipients(transaction, orderId);
  await erasePlain(transaction, orderId);
  return true;
}

/** A mail counts as sent when it is filed, when email has handled its message, or when an operator has settled its dead letter. */
async function refuseWhileMailsWait(transaction: Transaction, orderId: string): Promise<void> {
  const { rows } = await transaction.query<{ type: string }>({
    text: `select type from event_log as log
           where correlation_id = $1::uuid and id >= $2 and type = any($3::text[])
             and not exists (select from inbox where message_id = log.id and actor = 'email')
             and not exists (select from emails where emails.id = any($4::text[]) and ${EMAIL_KEY_PARTS.occasion} = $5::jsonb ->> type)
             and not exists (select from dead_letters where actor = 'email' and message_id = log.id::text
                             and status in ('discarded', 'replaced'))
           limit 1`,
    values: [orderId, leastMessageId([orderId]), MAILED, firstMailKeys([orderId]), JSON.stringify(OCCASION_OF)],
  });
  const [waiting] = rows;
  if (waiting === undefined) return;
  throw new Problem(
    'order.mails-unsent',
    `The mail about ${waiting.type} is still to be sent. warren explain tells what it waits for; discard its dead letter if it has one.`,
  );
}

/** Of the first mails, and of those that were sent again. */
function eraseRecipients(transaction: Transaction, orderId: string) {
  return transaction.query({
    text: `update emails set recipient = 'erased' from ${EMAIL_RANGES.from} where ${EMAIL_RANGES.where}`,
    values: [...emailRanges([orderId])],
  });
}

interface Told {
  readonly id: string;
  readonly payload: unknown;
}

/** Messages of a release before sealed persons, where they stand for long (to be dropped: 20261122115001). */
async function erasePlain(transaction: Transaction, orderId: string): Promise<void> {
  const logged = await transaction.query<Told>({
    text: 'select id, payload from event_log where correlation_id = $1 and id >= $2',
    values: [orderId, leastMessageId([orderId])],
  });
  const imported = await transaction.query<Told>({
    text: 'select id, payload from replay_messages where correlation_id = $1',
    values: [orderId],
  });
  for (const [table, { rows }] of [
    ['event_log', logged],
    ['replay_messages', imported],
  ] as const) {
    const changed = rows.flatMap(({ id, payload }) =>
      isPlain(payload) ? [{ id, payload: withoutPersons(payload) }] : [],
    );
    if (changed.length === 0) continue;
    await transaction.query({
      text: `update ${table} set payload = changed.payload from unnest($2::uuid[], $3::jsonb[]) as changed (id, payload)
             where ${table}.id = changed.id and correlation_id = $1`,
      values: [orderId, changed.map(({ id }) => id), changed.map(({ payload }) => JSON.stringify(payload))],
    });
  }
  const letters = await transaction.query<{ id: string; body: string }>({
    text: 'select id, body from dead_letters where correlation_id = $1',
    values: [orderId],
  });
  for (const { id, body } of letters.rows) {
    const payload = parsed(body);
    if (payload === undefined || !isPlain(payload)) continue;
    await transaction.query({
      text: 'update dead_letters set body = $2 where id = $1',
      values: [id, JSON.stringify(withoutPersons(payload))],
    });
  }
}

/** Members of messages that tell of persons, at any depth. */
const PERSONAL = ['customer', 'shippingAddress'];

/** A payload with everything plain about persons marked as erased, which still fits its contract. */
function withoutPersons(payload: unknown): unknown {
  if (Array.isArray(payload)) return payload.map(withoutPersons);
  if (typeof payload !== 'object' || payload === null) return payload;
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) =>
      PERSONAL.includes(name) && typeof value === 'object' && value !== null && !isSealed(value as Personal<object>)
        ? [name, ERASED]
        : [name, withoutPersons(value)],
    ),
  );
}

const isPlain = (payload: unknown): boolean => JSON.stringify(withoutPersons(payload)) !== JSON.stringify(payload);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
