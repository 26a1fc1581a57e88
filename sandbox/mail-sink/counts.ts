/** Counts mails, and tells those that came twice: a mail is the same when its Message-ID is. */
import type { MailSummary } from './mail-store.js';

export interface Counts {
  total: number;
  distinct: number;
  duplicates: number;
}

export type Grouping = 'order' | 'occasion';

export interface Group {
  orderId?: string | undefined;
  occasion: string | undefined;
  total: number;
  distinct: number;
}

export function countMails(mails: readonly MailSummary[]): Counts {
  const distinct = distinctOf(mails);
  return { total: mails.length, distinct, duplicates: mails.length - distinct };
}

/** By occasion, or by order and occasion. */
export function groupMails(mails: readonly MailSummary[], by: Grouping): Group[] {
  const groups = new Map<string, MailSummary[]>();
  for (const mail of mails) {
    const key = JSON.stringify([by === 'order' ? mail.orderId : null, mail.occasion]);
    const group = groups.get(key);
    if (group) group.push(mail);
    else groups.set(key, [mail]);
  }
  return [...groups.values()].map((group) => ({
    ...(by === 'order' && { orderId: group[0]?.orderId }),
    occasion: group[0]?.occasion,
    total: group.length,
    distinct: distinctOf(group),
  }));
}

/** A mail without a Message-ID is like no other. */
function distinctOf(mails: readonly MailSummary[]): number {
  const ids = new Set<string>();
  let without = 0;
  for (const { messageId } of mails) {
    if (messageId === undefined) without += 1;
    else ids.add(messageId);
  }
  return ids.size + without;
}
