/**
 * An order's way as passages: from the moment a message was said until an actor had handled it. When that was is told by what
 * the actor said in turn; how much of it was waiting is not kept, but in the order's trace. Pure.
 */
import type { Explanation, OrderMessage } from '../answers.js';

export interface Passage {
  readonly actor: string;
  readonly message: OrderMessage;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** Undefined where it was handled without a word: nothing tells when. */
  readonly to: number | undefined;
  /** `dead` was given up and waits for somebody; `settled` was given up and is settled. */
  readonly state: 'handled' | 'waiting' | 'dead' | 'settled';
  /** Attempts that failed. */
  readonly failures: number;
}

type Letter = Explanation['deadLetters'][number];
const STANDING: readonly string[] = ['open', 'held', 'redriving'];

/** In the order in which the messages were said. @param now milliseconds since 1970 */
export function passagesOf(
  messages: readonly OrderMessage[],
  letters: readonly Letter[],
  now: number,
): readonly Passage[] {
  return messages.flatMap((message) =>
    [...new Set([...message.boundTo, ...message.handledBy])].map((actor) => {
      const letter = letters.findLast((one) => one.actor === actor && one.messageId === message.id);
      const from = Date.parse(message.at);
      const state = stateOf(message.handledBy.includes(actor), letter);
      const to =
        state === 'handled'
          ? answeredAt(messages, message, actor)
          : state === 'settled'
            ? Date.parse(letter?.lastAt ?? '')
            : now;
      return { actor, message, from, to, state, failures: letter?.attempts ?? 0 };
    }),
  );
}

function stateOf(handled: boolean, letter: Letter | undefined): Passage['state'] {
  if (handled) return 'handled';
  if (letter === undefined) return 'waiting';
  return STANDING.includes(letter.status) ? 'dead' : 'settled';
}

/** When the actor first said something that followed from the message. */
function answeredAt(messages: readonly OrderMessage[], { id }: OrderMessage, actor: string): number | undefined {
  const times = messages
    .filter(({ causationId, producer }) => causationId === id && producer === actor)
    .map(({ at }) => Date.parse(at));
  return times.length === 0 ? undefined : Math.min(...times);
}
