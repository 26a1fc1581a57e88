/** The messages of letters that somebody settles: for their actors they count as handled. */
import type { Transaction } from './database.js';
import { UUID } from './dead-letters.js';
import { claimInbox, withdrawInbox } from './inbox.js';

/** What never changes of a letter. */
export interface LetterName {
  readonly id: string;
  readonly actor: string;
  readonly message_id: string;
}

/** Enters their messages in the inboxes of their actors, as if they had been handled; returns those that nobody had. */
export async function settleForGood(transaction: Transaction, letters: readonly LetterName[]): Promise<LetterName[]> {
  const settled: LetterName[] = [];
  for (const [actor, its] of byActor(letters.filter(hasUsableId))) {
    const { fresh } = await claimInbox(
      transaction,
      actor,
      its.map(({ message_id }) => message_id),
    );
    settled.push(...its.filter(({ message_id }) => fresh.has(message_id)));
  }
  return settled;
}

/** Takes back what `settleForGood` has entered. */
export async function unsettle(transaction: Transaction, settled: readonly LetterName[]): Promise<void> {
  for (const [actor, its] of byActor(settled))
    await withdrawInbox(
      transaction,
      actor,
      its.map(({ message_id }) => message_id),
    );
}

/** In the order of their names, in which whoever claims for several actors claims. */
function byActor(letters: readonly LetterName[]): [string, LetterName[]][] {
  const actors = [...new Set(letters.map(({ actor }) => actor))].sort();
  return actors.map((actor) => [actor, letters.filter((letter) => letter.actor === actor)]);
}

/** False for a message that came without an id: nobody would know it again. */
export const hasUsableId = ({ message_id }: Pick<LetterName, 'message_id'>): boolean => USABLE_ID.test(message_id);

const USABLE_ID = new RegExp(UUID);
