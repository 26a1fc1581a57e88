/**
 * Orders whose persons no key of this process opens. They are shown without them, so that they keep nobody from the others; whoever
 * runs the shop is told, of each order once, since lists are asked for again and again.
 */
import type { Unread } from '../../shared/secrets/persons.js';
import { Problem } from '../problem.js';

/** An order, and why its persons cannot be read. */
export interface UnreadPersons extends Unread {
  readonly orderId: string;
}

/** A key takes the fleet a deployment to be given. */
const RETRY_AFTER_S = 60;
/** Orders that one line names; the rest is counted. */
const NAMED_AT_MOST = 20;
/** Orders that are remembered as told, so that a key that all lack costs little memory. */
const REMEMBERED_AT_MOST = 10_000;

const told = new Set<string>();

/** Logs those that were not told of before, in one line. */
export function noteUnread(
  log: { readonly error: (fields: Record<string, unknown>, text: string) => void },
  unread: readonly UnreadPersons[],
): void {
  const untold = unread.filter(({ orderId, code }) => !told.has(`${orderId} ${code}`));
  if (untold.length === 0) return;
  if (told.size + untold.length > REMEMBERED_AT_MOST) told.clear();
  for (const { orderId, code } of untold) told.add(`${orderId} ${code}`);
  const orders = untold.slice(0, NAMED_AT_MOST).map(({ orderId, code, message }) => ({ orderId, code, why: message }));
  log.error({ orders, count: untold.length }, 'who ordered cannot be read; see "Encryption keys" in docs/operating.md');
}

/** Which key is missing is told in the log alone: storefronts are answered with it too. */
export function personsUnread({ orderId, code, message }: UnreadPersons): Problem {
  const cause = new Error(message);
  if (code === 'secret.key-missing') {
    const detail = `Who ordered ${orderId} is sealed, and no key in ENCRYPTION_KEYS opens it. Whoever runs the shop puts the key back: see "Encryption keys" in docs/operating.md.`;
    return new Problem('order.persons-unread', detail, { retryAfterS: RETRY_AFTER_S, cause });
  }
  const detail = `Who ordered ${orderId} is sealed, and what is stored of it or of its key was changed or lost. Whoever runs the shop restores it from a backup: see "Encryption keys" in docs/operating.md.`;
  return new Problem('order.persons-unread', detail, { cause });
}
