/** Says that a dead letter was filed, where somebody sees it: an error in the log, and a count by actor and code. */
import type { DeadLetter } from '../postgres/dead-letters.js';
import { aboutMessage } from './about-message.js';
import type { Logger } from './log.js';
import { deadLettersFiled } from './metrics.js';

export function alertFiled(log: Logger, letter: DeadLetter): void {
  const { actor, type, errorCode, errorMessage, stack, attempts, fingerprint } = letter;
  deadLettersFiled.inc({ actor, code: errorCode });
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
