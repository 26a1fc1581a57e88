/**
 * Where an order stands, what it waits for and since when, and what would unblock it: a function of what is known of it. Whoever
 * has not handled what its queue is bound to is waited for; how that can be is what the rest of the evidence tells. Pure.
 */
import { UNADDRESSED } from '../../../shared/postgres/dead-letters.js';
import { isAtItsEnd } from '../../../workers/orders/messages.js';
import { type Deadline, deadlineOf } from './deadlines.js';
import type { LetterFacts, OrderEvidence, OrderFacts } from './evidence.js';
import { deliveryWait, idleWait, letterWait, NOTHING_TO_DO, type Remedy, type Wait, type WaitKind } from './wait.js';

export interface Explanation {
  readonly orderId: string;
  readonly status: string;
  /** In a sentence. */
  readonly stands: string;
  /** When something was last said about the order. */
  readonly since: string;
  /** At its end, with nothing left to be handled. */
  readonly done: boolean;
  /** What has to be dealt with first comes first. */
  readonly waits: readonly Wait[];
  /** Null at the order's end. */
  readonly nextDeadline: Deadline | null;
  readonly deadLetters: readonly (Omit<LetterFacts, 'firstAt' | 'lastAt'> & {
    readonly firstAt: string;
    readonly lastAt: string;
  })[];
  /** Of what comes first. */
  readonly unblock: Remedy;
}

/** Letters that stand in the line of their order. */
const STANDING: readonly string[] = ['open', 'held', 'redriving'];

/** What needs somebody comes before what needs a process, and that before what only needs time. */
const URGENCY: readonly WaitKind[] = [
  'dead-letter',
  'paused',
  'queue-missing',
  'no-consumer',
  'provider',
  'unsent',
  'broker-silent',
  'redriving',
  'held',
  'queued',
  'under-way',
];

export function explain(evidence: OrderEvidence): Explanation {
  const { order, messages, letters, timers } = evidence;
  const ended = isAtItsEnd(order);
  const since = (messages.at(-1)?.at ?? order.placedAt).toISOString();
  const waits = [...letterWaits(letters), ...deliveryWaits(evidence)].sort(byUrgency);
  const [timer] = timers;
  const deadline = timer === undefined || ended ? undefined : deadlineOf(timer);
  if (waits.length === 0 && !ended) waits.push(idleWait(deadline, since, order.id));
  return {
    orderId: order.id,
    status: order.status,
    stands: standing(order, waits.length),
    since,
    done: ended && waits.length === 0,
    waits,
    nextDeadline: deadline ?? null,
    deadLetters: letters.map((letter) => ({
      ...letter,
      firstAt: letter.firstAt.toISOString(),
      lastAt: letter.lastAt.toISOString(),
    })),
    unblock: waits[0]?.unblock ?? NOTHING_TO_DO,
  };
}

function letterWaits(letters: readonly LetterFacts[]): Wait[] {
  const line = letters.filter(({ status }) => STANDING.includes(status));
  return line.map((letter, at) =>
    letterWait(
      letter,
      line
        .slice(0, at)
        .findLast(({ actor, messageId }) => actor === letter.actor && !messageId.startsWith(UNADDRESSED)),
    ),
  );
}

/** What was said to an actor that has neither handled it nor given it up. */
function deliveryWaits(evidence: OrderEvidence): Wait[] {
  const { messages, letters, actors } = evidence;
  const filed = new Set(
    letters.filter(({ status }) => STANDING.includes(status)).map(({ actor, messageId }) => `${actor} ${messageId}`),
  );
  return messages
    .filter(({ forgotten }) => !forgotten)
    .flatMap((message) =>
      actors
        .filter(({ contracts }) => contracts.has(message.type))
        .filter(({ name }) => !message.handledBy.includes(name) && !filed.has(`${name} ${message.id}`))
        .map(({ name }) => deliveryWait(name, message, evidence)),
    );
}

const byUrgency = (one: Wait, other: Wait): number => URGENCY.indexOf(one.kind) - URGENCY.indexOf(other.kind);

function standing({ status, stock, payment, shipment, cancelReason }: OrderFacts, waits: number): string {
  const parts = `stock ${stock}, payment ${payment}, shipment ${shipment}`;
  const left = waits === 0 ? '' : '; something about it is still to be handled';
  switch (status) {
    case 'SHIPPED':
      return `the order is shipped (${parts})${left}`;
    case 'CANCELLED':
      return `the order is cancelled: ${cancelReason}, and nothing is held any more (${parts})${left}`;
    case 'CANCELLING':
      return `the order is being cancelled: ${cancelReason}; what it holds is being given back (${parts})`;
    default:
      return `the order is ${status} (${parts})${shipment === 'cancelling' ? '; the customer wishes to cancel, and shipping decides' : ''}`;
  }
}
