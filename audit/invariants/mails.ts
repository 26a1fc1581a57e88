/** 5: customers are written to once about what happened, and about nothing else. */
import { EVENT_OF, OCCASIONS, type Occasion } from '../../workers/email/messages.js';
import { countOf, type Dossier, NO_KEYS, type ResendWish } from '../dossier.js';
import type { Evidence } from '../evidence.js';
import type { Found, Invariant, Judge } from '../invariant.js';
import { NoEvidence } from '../no-evidence.js';
import type { SentMail } from '../sources/mail-box.js';
import { notThere } from '../strangers.js';

export const mails: Invariant = {
  number: 5,
  title: 'mails',
  checks: [
    {
      what: 'what happened is filed as mailed, again when asked, and nothing else',
      holds: 'once-settled',
      judge: async () => filed,
    },
    {
      what: 'what happened was mailed once, again when asked, and nothing else',
      holds: 'once-settled',
      judge: async ({ sources }) => {
        const box = await sources.mail();
        return (order) => mailedOnce(order, box.of(order.id));
      },
    },
    {
      what: 'a mail went to the customer of its order, and to nobody else',
      holds: 'once-settled',
      judge: judgeAddresses,
    },
    {
      what: 'a mail is about an order that is there',
      holds: 'always',
      find: aboutNobody,
    },
  ],
};

const happened = (order: Dossier, occasion: Occasion): boolean => countOf(order, EVENT_OF[occasion].name) > 0;

export function filed(order: Dossier): string[] {
  const first = OCCASIONS.flatMap((occasion) => {
    const isFiled = order.mailed.includes(occasion);
    if (isFiled === happened(order, occasion)) return [];
    return [
      isFiled ? `the mail "${occasion}" is filed, and that did not happen` : `the mail "${occasion}" is not filed`,
    ];
  });
  const unfiled = order.resends
    .filter((wish) => wasHandled(order, wish) && !order.mailedAgain.some((mail) => isOf(mail, wish)))
    .map(({ occasion }) => `the mail "${occasion}" was asked for again, and is not filed as sent again`);
  const unasked = order.mailedAgain
    .filter((mail) => !order.resends.some((wish) => isOf(mail, wish)))
    .map(({ occasion }) => `the mail "${occasion}" is filed as sent again, and nobody asked for that`);
  return [...first, ...unfiled, ...unasked];
}

const isOf = (mail: Dossier['mailedAgain'][number], wish: ResendWish): boolean =>
  mail.id === wish.id && mail.occasion === wish.occasion;

/** Copies under one Message-ID are one mail. */
export function mailedOnce(order: Dossier, sent: readonly SentMail[]): string[] {
  const unheardOf = sent
    .filter(({ occasion }) => !OCCASIONS.some((known) => known === occasion && happened(order, known)))
    .map(({ occasion }) => `the mail "${occasion}" was sent, and that did not happen`);
  const again = sent.filter((mail) => order.resends.some((wish) => fulfils(mail, wish)));
  const first = sent.filter((mail) => !again.includes(mail));
  const never = order.resends
    .filter((wish) => wasHandled(order, wish) && !again.some((mail) => fulfils(mail, wish)))
    .map(({ occasion }) => `the mail "${occasion}" was asked for again, and never sent again`);
  const counts = OCCASIONS.filter((occasion) => happened(order, occasion)).flatMap((occasion) => {
    const times = differentMails(first.filter((mail) => mail.occasion === occasion));
    if (times === 1) return [];
    return [times === 0 ? `the mail "${occasion}" was never sent` : `the mail "${occasion}" was sent ${times} times`];
  });
  return [...unheardOf, ...counts, ...never];
}

async function judgeAddresses({ keyring, sources }: Evidence): Promise<Judge> {
  const box = await sources.mail();
  if (keyring === undefined) throw new NoEvidence('left-out', NO_KEYS);
  return (order) => addressedRight(order, box.of(order.id));
}

/** @throws {NoEvidence} when there are mails, and nobody can read whose they had to be */
export function addressedRight(
  { email, emailUnread }: Pick<Dossier, 'email' | 'emailUnread'>,
  sent: readonly SentMail[],
): string[] | undefined {
  if (sent.length === 0) return undefined;
  if (emailUnread !== undefined) throw new NoEvidence('unreached', emailUnread);
  const customers = email?.toLowerCase();
  return sent
    .filter(({ to }) => to.length !== 1 || (customers !== undefined && to[0]?.toLowerCase() !== customers))
    .map(({ occasion }) => `the mail "${occasion}" went to another address than the customer's`);
}

/** Its Message-ID has the wish in it; copies under that are one mail. */
const fulfils = ({ occasion, messageId }: SentMail, wish: ResendWish): boolean =>
  occasion === wish.occasion && messageId?.includes(`.${wish.id}@`) === true;

function wasHandled({ messages }: Pick<Dossier, 'messages'>, { messageId }: ResendWish): boolean {
  const wish = messages.find(({ id }) => id === messageId);
  return wish?.handledBy.includes('email') === true && !wish.setAsideBy.includes('email');
}

async function aboutNobody({ database, sources }: Evidence): Promise<Found> {
  const box = await sources.mail();
  const strangers = await notThere(database, box.orderIds);
  const sent = [...box.aboutNoOrder, ...box.orderIds.flatMap((orderId) => box.of(orderId))];
  const copies = sent.length - differentMails(sent);
  return {
    checked: sent.length,
    violations: [
      ...box.aboutNoOrder.map(({ to }) => ({ subject: `mail to ${to.join(', ')}`, what: 'names no order' })),
      ...strangers.map((orderId) => ({ orderId, what: 'a mail is about it, and it is not there' })),
    ],
    remarks: copies === 0 ? [] : [`${copies} mails were sent again under the Message-ID of the first`],
  };
}

function differentMails(sent: readonly SentMail[]): number {
  const ids = sent.flatMap(({ messageId }) => messageId ?? []);
  return new Set(ids).size + sent.length - ids.length;
}
