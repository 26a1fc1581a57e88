/** All that the database knows of one order, so that an invariant about orders is a pure function of it. */
import type { Customer, Personal } from '../shared/messaging/vocabulary.js';
import { HEADER } from '../shared/messaging/wire.js';
import type { Rows, Transaction } from '../shared/postgres/database.js';
import type { Keyring } from '../shared/secrets/keyring.js';
import { isSealed, openIfReadable, openPersonal } from '../shared/secrets/persons.js';
import { EMAIL_KEY_PARTS, EMAIL_RANGES, emailRanges, ResendMail } from '../workers/email/messages.js';
import { AT_ITS_END } from '../workers/orders/messages.js';
import type { Progress } from '../workers/orders/order.saga.js';
import type { Evidence, Listener, Scope } from './evidence.js';
import { grouped } from './grouped.js';

export interface Dossier {
  readonly id: string;
  /** As the saga stored it. */
  readonly progress: Progress;
  readonly total: { readonly amount: number; readonly currency: string };
  /** The customer's address; undefined when it is erased, or no key opens it. */
  readonly email: string | undefined;
  /** Why it cannot be read, though it is not erased. */
  readonly emailUnread: string | undefined;
  /** Everything that was published about it, in the order of the ids. */
  readonly messages: readonly Logged[];
  /** Messages that stand in the place of one whose dead letter was edited. They are in no log, but they are causes. */
  readonly edited: readonly Logged[];
  readonly reservation: string | undefined;
  readonly trackingNumber: string | undefined;
  /** Occasions of the e-mails that are filed as sent. */
  readonly mailed: readonly string[];
  /** What operators had sent again. */
  readonly resends: readonly ResendWish[];
  /** Wishes whose e-mails are filed as sent again. */
  readonly mailedAgain: readonly Pick<ResendWish, 'id' | 'occasion'>[];
}

/** A wish to have a mail sent once more. */
export interface ResendWish {
  /** As its Message-ID has it, and the key under which its e-mail is filed. */
  readonly id: string;
  readonly occasion: string;
  /** The message that passed it on. */
  readonly messageId: string;
}

/** A message of the event log. */
export interface Logged {
  readonly id: string;
  readonly type: string;
  readonly causationId: string | null;
  readonly producer: string;
  /** Actors that have it in their inbox. */
  readonly handledBy: readonly string[];
  /** Actors where its dead letter was discarded or edited: it is in their inbox, and most likely had no effect. */
  readonly setAsideBy: readonly string[];
}

/** Why a check of addresses has nothing to look into without a keyring. */
export const NO_KEYS = 'ENCRYPTION_KEYS is not given, and opens the addresses';

/** Orders fetched at once. */
const PAGE = 500;

/** How often a message stands in the log of the order. */
export const countOf = (order: Pick<Dossier, 'messages'>, type: string): number =>
  order.messages.filter((message) => message.type === type).length;

/** Every order of the scope, the newest first, a page of them in memory at a time. */
export async function* dossiersOf(evidence: Pick<Evidence, 'database' | 'scope' | 'listeners' | 'keyring'>) {
  const { scope, listeners } = evidence;
  let before: string | undefined;
  for (let left = scope.newest ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const rows = await ordersBefore(before, Math.min(left, PAGE), evidence);
    left -= rows.length;
    for (const dossier of await dossiers(rows, evidence)) {
      if (scope.settledForMs === undefined || unhandled(dossier, listeners).length === 0) yield dossier;
    }
    before = rows.at(-1)?.id;
    if (rows.length < PAGE) return;
  }
}

/** Which actors have not handled which messages of the order. Pure. */
function unhandled({ messages }: Pick<Dossier, 'messages'>, listeners: readonly Listener[]) {
  return messages.flatMap((message) =>
    listeners
      .filter(({ actor, types }) => types.includes(message.type) && !message.handledBy.includes(actor))
      .map(({ actor }) => ({ message, actor })),
  );
}

interface OrderRow extends Progress {
  readonly id: string;
  readonly totalAmount: number;
  readonly currency: string;
  readonly customer: Personal<Customer>;
  readonly isErased: boolean;
  readonly sealedKey: string | null;
}

async function ordersBefore(
  before: string | undefined,
  limit: number,
  { database, scope }: Pick<Evidence, 'database' | 'scope'>,
): Promise<OrderRow[]> {
  const { rows } = await database.query<OrderRow>({
    text: `select id, status, stock, payment, shipment, cancel_reason as "cancelReason", total_amount as "totalAmount", currency,
             customer, persons_erased_at is not null as "isErased",
             (select sealed_key from order_keys where order_id = id) as "sealedKey"
           from orders
           where ($1::uuid is null or id < $1) and ($3::timestamptz is null or id >= uuid_v7_floor($3)) and ${SETTLED}
           order by id desc limit $2`,
    values: [before ?? null, limit, ...scopeValues(scope)],
  });
  return rows;
}

/** At its end, and nothing was said about it lately; `$4` is that time in milliseconds, or null for every order. */
const SETTLED = `($4::bigint is null or (${AT_ITS_END} and id not in (
  select correlation_id from event_log where id >= uuid_v7_floor(now() - $4 * interval '1 millisecond'))))`;

const scopeValues = ({ since, settledForMs }: Scope): unknown[] => [since ?? null, settledForMs ?? null];

async function dossiers(
  orders: readonly OrderRow[],
  { database, keyring }: Pick<Evidence, 'database' | 'keyring'>,
): Promise<Dossier[]> {
  const ids = orders.map(({ id }) => id);
  const messages = await database.query<Omit<Logged, 'setAsideBy'> & { readonly orderId: string }>({
    text: `select id, correlation_id as "orderId", type, causation_id as "causationId", producer,
             array(select actor from inbox where message_id = log.id) as "handledBy"
           from event_log as log where correlation_id = any($1::uuid[]) order by id`,
    values: [ids],
  });
  const letters = await database.query<LetterRow>({
    text: `select correlation_id as "orderId", actor, message_id as id, type, in_place_of is not null as "isEdited",
             status in ('discarded', 'replaced') as "isSetAside", headers ->> $2 as "causationId",
             headers ->> $3 as source,
             exists (select from inbox where inbox.actor = letter.actor and message_id::text = letter.message_id) as handled
           from dead_letters as letter where correlation_id = any($1::text[])`,
    values: [ids, HEADER.causationId, HEADER.source],
  });
  const reservations = await database.query<{ orderId: string; status: string }>({
    text: 'select order_id as "orderId", status from reservations where order_id = any($1::uuid[])',
    values: [ids],
  });
  const shipments = await database.query<{ orderId: string; number: string }>({
    text: `select order_id as "orderId", tracking_number as number from shipments
           where order_id = any($1::uuid[]) and tracking_number is not null`,
    values: [ids],
  });
  const emails = await mailsAbout(database, ids);
  const resends = await database.query<ResendWish & { readonly orderId: string }>({
    text: `select correlation_id as "orderId", id as "messageId", payload ->> 'resendId' as id, payload ->> 'occasion' as occasion
           from event_log where correlation_id = any($1::uuid[]) and type = $2`,
    values: [ids, ResendMail.name],
  });
  const lettersOf = grouped(letters.rows, ({ orderId }) => orderId);
  const messagesOf = grouped(messages.rows, ({ orderId }) => orderId);
  const mailedOf = grouped(emails.rows, ({ orderId }) => orderId);
  const resendsOf = grouped(resends.rows, ({ orderId }) => orderId);
  const reservationOf = new Map(reservations.rows.map(({ orderId, status }) => [orderId, status]));
  const trackingOf = new Map(shipments.rows.map(({ orderId, number }) => [orderId, number]));
  return orders.map(({ id, totalAmount, currency, customer, isErased, sealedKey, ...progress }) => ({
    id,
    progress,
    total: { amount: totalAmount, currency },
    ...emailOf({ id, customer, isErased, sealedKey }, keyring),
    messages: (messagesOf.get(id) ?? []).map((message) => ({
      ...message,
      setAsideBy: (lettersOf.get(id) ?? [])
        .filter((letter) => letter.isSetAside && letter.id === message.id)
        .map(({ actor }) => actor),
    })),
    edited: (lettersOf.get(id) ?? []).filter(({ isEdited }) => isEdited).map(editedMessage),
    reservation: reservationOf.get(id),
    trackingNumber: trackingOf.get(id),
    mailed: (mailedOf.get(id) ?? []).filter(({ resendId }) => resendId === '').map(({ occasion }) => occasion),
    resends: resendsOf.get(id) ?? [],
    mailedAgain: (mailedOf.get(id) ?? [])
      .filter(({ resendId }) => resendId !== '')
      .map(({ occasion, resendId }) => ({ id: resendId, occasion })),
  }));
}

interface Mail {
  readonly orderId: string;
  readonly occasion: string;
  /** Empty for the first. */
  readonly resendId: string;
}

/** The mails that the orders' customers were sent. */
export function mailsAbout(database: Transaction, orderIds: readonly string[]): Promise<Rows<Mail>> {
  const { orderId, occasion, resendId } = EMAIL_KEY_PARTS;
  return database.query<Mail>({
    text: `select ${orderId} as "orderId", ${occasion} as occasion, ${resendId} as "resendId"
           from ${EMAIL_RANGES.from}, emails where ${EMAIL_RANGES.where}`,
    values: [...emailRanges(orderIds)],
  });
}

/** Only the check of the addresses needs it: a key that is missing keeps no other from being done. */
function emailOf(
  { id: orderId, customer, isErased, sealedKey }: Pick<OrderRow, 'id' | 'customer' | 'isErased' | 'sealedKey'>,
  keyring: Keyring | undefined,
): Pick<Dossier, 'email' | 'emailUnread'> {
  if (isErased) return { email: undefined, emailUnread: undefined };
  if (!isSealed(customer)) return { email: customer.email, emailUnread: undefined };
  if (keyring === undefined) return { email: undefined, emailUnread: NO_KEYS };
  const key = { orderId, sealedKey: sealedKey ?? undefined };
  const read = openIfReadable(() => openPersonal<Customer>(keyring, key, 'customer', customer));
  if ('unread' in read) return { email: undefined, emailUnread: read.unread.message };
  return { email: read.opened.email, emailUnread: undefined };
}

/** A dead letter of the order. */
interface LetterRow {
  readonly orderId: string;
  readonly actor: string;
  readonly id: string;
  readonly type: string | null;
  readonly isEdited: boolean;
  readonly isSetAside: boolean;
  readonly causationId: string | null;
  /** `/warren/<producer>`. */
  readonly source: string | null;
  readonly handled: boolean;
}

function editedMessage({ id, type, causationId, source, actor, handled, isSetAside }: LetterRow): Logged {
  return {
    id,
    type: type ?? '',
    causationId,
    producer: source?.split('/').at(-1) ?? '',
    handledBy: handled ? [actor] : [],
    setAsideBy: isSetAside ? [actor] : [],
  };
}
