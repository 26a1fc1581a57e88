/** How far a replay is after a step: what of a page is chosen, and what is noted when the broker has answered. Pure. */
import type { MessagePage } from '../../postgres/message-page.js';
import type { Replayable } from '../../postgres/replay-source.js';
import type { ReplayProgress } from '../../postgres/replays.js';
import { type Fate, isSent } from './fate.js';

export interface Chosen {
  readonly message: Pick<Replayable, 'id'>;
  readonly fate: Fate;
}

/** What became of sending, by message id. What is in neither is to be sent once more. */
export interface Answered {
  readonly confirmed: ReadonlySet<string>;
  /** No connection can carry them. */
  readonly unsendable: ReadonlySet<string>;
  /** Why some are in neither; null when none is. */
  readonly trouble: string | null;
}

/** From the first on, until so many are to be sent. */
export function chosenFrom<M extends Pick<Replayable, 'id'>>(
  messages: readonly M[],
  most: number,
  fateOf: (message: M) => Fate,
): (Chosen & { readonly message: M })[] {
  const chosen: (Chosen & { readonly message: M })[] = [];
  let toSend = 0;
  for (const message of messages) {
    const fate = fateOf(message);
    if (isSent(fate)) toSend += 1;
    if (toSend > most) break;
    chosen.push({ message, fate });
  }
  return chosen;
}

/**
 * It moves on up to the first message that the broker did not take. What is behind that waits with it; whatever of it was sent
 * is sent once more, and known again.
 */
export function advanced(
  before: ReplayProgress,
  { messages, end }: Pick<MessagePage<object>, 'end'> & { readonly messages: readonly unknown[] },
  chosen: readonly Chosen[],
  { confirmed, unsendable, trouble }: Answered,
): ReplayProgress {
  const stuck = chosen.findIndex(
    ({ message: { id }, fate }) => isSent(fate) && !confirmed.has(id) && !unsendable.has(id),
  );
  const through = stuck === -1 ? chosen : chosen.slice(0, stuck);
  const that = (fits: (one: Chosen) => boolean): string[] => through.filter(fits).map(({ message }) => message.id);
  const sent = that(({ message }) => confirmed.has(message.id));
  const last = through.length === messages.length ? end : through.at(-1)?.message.id;
  return {
    position: last ?? before.position,
    sent: before.sent + sent.length,
    skipped: before.skipped + that(({ fate }) => fate === 'handled').length,
    effectsOff: before.effectsOff + that(({ fate }) => fate === 'effects-off').length,
    refused: before.refused + that(({ message, fate }) => REFUSED.has(fate) || unsendable.has(message.id)).length,
    failed: before.failed,
    inFlight: [...before.inFlight, ...sent],
    trouble,
  };
}

const REFUSED: ReadonlySet<Fate> = new Set(['dead', 'invalid']);
