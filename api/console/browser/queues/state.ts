/** How an actor stands, in a word: nobody there is another thing than too much to do, and than a pause that somebody wanted. Pure. */
import type { ActorStatus, Live } from '../answers.js';
import { age, duration, figure } from '../words.js';

export interface ActorState {
  readonly mood: 'well' | 'ill' | 'warn' | 'paused';
  readonly word: string;
  /** Why, and what to do about it. */
  readonly more?: string;
}

/** A retry or a burst takes less. */
const BEHIND_MS = 10_000;

export function stateOf(
  { actor, consumers, ready, oldestWaitingMs, paused }: ActorStatus,
  { at, rabbitmq, circuits }: Pick<Live, 'at' | 'rabbitmq' | 'circuits'>,
): ActorState {
  if (paused !== null) {
    const finishing = consumers === null || consumers === 0 ? '' : `; ${figure(consumers)} finish what they hold`;
    const since = age(paused.since, Date.parse(at));
    return { mood: 'paused', word: 'paused', more: `by ${paused.by} for ${since}: ${paused.reason}${finishing}` };
  }
  if (!rabbitmq.reachable) return { mood: 'ill', word: 'unknown', more: 'RabbitMQ does not answer web' };
  if (consumers === null) return { mood: 'ill', word: 'no queue', more: 'run the release step' };
  const circuit = circuits.find(({ actors }) => actors.includes(actor));
  if (circuit !== undefined)
    return { mood: 'warn', word: 'waits', more: `${circuit.provider} fails; it goes on by itself` };
  if (consumers === 0)
    return { mood: 'ill', word: 'no consumer', more: `start it: node dist/workers/start.js ${actor}` };
  const waiting = oldestWaitingMs ?? 0;
  if (waiting <= BEHIND_MS) return { mood: 'well', word: 'well' };
  return (ready ?? 0) > 0
    ? { mood: 'warn', word: 'overloaded', more: 'run more of it, or look for what makes it slow' }
    : { mood: 'warn', word: 'behind', more: `a message is ${duration(waiting)} old: in hand, or on the retry ladder` };
}
