/** Says that a dead letter was filed, where somebody sees it: an error in the log, and a count by actor and code. */
import type { DeadLetter } from '../postgres/dead-letters.js';
import { aboutMessage } from './about-message.js';
import type { Logger } from './log.js';
import { deadLettersFiled } from './metrics.js';

/** Pairs of actor and code told apart by the count: both are what a letter says, and a metric has a series for each. */
const PAIRS = 200;
const pairs = new Set<string>();
const actors = new Set<string>();

export function alertFiled(log: Logger, letter: DeadLetter): void {
  const { actor, type, errorCode, errorMessage, stack, attempts, fingerprint } = letter;
  deadLettersFiled.inc(labelsOf(actor, errorCode));
  log.error(
    {
      actor,
      ...aboutMessage(letter),
      type,
      attempt: attempts,
      code: errorCode,
      fingerprint,
      reason: errorMessage,
      stack,
    },
    'filed a dead letter',
  );
}

function labelsOf(actor: string, code: string): { actor: string; code: string } {
  const pair = JSON.stringify([actor, code]);
  if (!pairs.has(pair) && pairs.size >= PAIRS) return { actor: actors.has(actor) ? actor : 'other', code: 'other' };
  pairs.add(pair);
  actors.add(actor);
  return { actor, code };
}
