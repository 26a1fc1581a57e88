/** One thing that an order waits for, and what would unblock it. Pure. */
import { isUnaddressed } from '../../../shared/postgres/dead-letters.js';
import { settingFor } from '../../../shared/postgres/queue-settings.js';
import type { QueueCount } from '../../../shared/rabbitmq/queue-counts.js';
import { resumeOf } from '../queues/queue-view.js';
import type { Deadline } from './deadlines.js';
import type { LetterFacts, MessageFacts, OrderEvidence } from './evidence.js';

/**
 * - `dead-letter`: given up, waits for somebody. - `held`: waits behind a dead letter. - `redriving`: on its way back.
 * - `unsent`: the broker has not taken it. - `paused`: an operator has paused the actor. - `provider`: the actor pauses for a provider.
 * - `broker-silent`, `queue-missing`, `no-consumer`: nobody can take it. - `queued`: behind others. - `under-way`: in hand, or on the retry ladder.
 * - `timer`: nothing is to be done before. - `nothing`: nothing will happen by itself.
 */
export type WaitKind =
  | 'dead-letter'
  | 'held'
  | 'redriving'
  | 'unsent'
  | 'paused'
  | 'provider'
  | 'broker-silent'
  | 'queue-missing'
  | 'no-consumer'
  | 'queued'
  | 'under-way'
  | 'timer'
  | 'nothing';

export interface Remedy {
  readonly says: string;
  /** To be run as it is, but for what stands in capitals. */
  readonly command?: string;
}

export interface Wait {
  readonly kind: WaitKind;
  /** Who has yet to handle something. */
  readonly actor?: string;
  /** What has yet to be handled. */
  readonly message?: { readonly id: string; readonly type: string };
  readonly since: string;
  readonly says: string;
  /** Attempts that failed. */
  readonly attempts?: number;
  readonly letter?: string;
  readonly unblock: Remedy;
}

export const NOTHING_TO_DO: Remedy = { says: 'nothing is to be done' };

/** A letter that stands, at the actor that could not handle it. @param ahead the one before it in its line */
export function letterWait(letter: LetterFacts, ahead: LetterFacts | undefined): Wait {
  const { id, actor, messageId, type, status, code, message, attempts, firstAt } = letter;
  const of = {
    actor,
    message: { id: messageId, type: type ?? 'unknown' },
    since: firstAt.toISOString(),
    letter: id,
    attempts,
  };
  const name = type ?? 'a message without a type';
  if (status === 'held') {
    const before = ahead === undefined ? 'another dead letter' : `the dead letter ${ahead.id}`;
    return {
      ...of,
      kind: 'held',
      says: `${actor} holds ${name} back: it waits behind ${before} of the same order`,
      unblock: {
        says: 'settle the letter ahead; this one follows by itself',
        ...(ahead === undefined ? {} : { command: `warren dead-letters show ${ahead.id}` }),
      },
    };
  }
  if (status === 'redriving') {
    return {
      ...of,
      kind: 'redriving',
      says: `${name} is being redriven to ${actor}`,
      unblock: { says: 'wait for what comes of it; the worker dead-letters has to run' },
    };
  }
  return {
    ...of,
    kind: 'dead-letter',
    says: `${actor} gave ${name} up after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${code}: ${message}`,
    unblock: isUnaddressed(code)
      ? {
          says: 'discard it, and have what was meant published under its own name',
          command: `warren dead-letters discard ${id} --reason "WHERE IT CAME FROM"`,
        }
      : {
          says: 'mend the cause and redrive it; or edit its payload, or discard it',
          command: `warren dead-letters redrive ${id} --reason "WHAT WAS MENDED"`,
        },
  };
}

/** A message of which the actor knows nothing yet. */
export function deliveryWait(
  actor: string,
  { id, type, at, unsentAttempts }: MessageFacts,
  evidence: OrderEvidence,
): Wait {
  const { broker, circuits, settings } = evidence;
  const of = { actor, message: { id, type }, since: at.toISOString() };
  if (unsentAttempts !== null) {
    return {
      ...of,
      kind: 'unsent',
      attempts: unsentAttempts,
      says: `${type} stands in the outbox; RabbitMQ has not taken it yet${broker.silent === undefined ? '' : ` (${broker.silent})`}`,
      unblock:
        broker.silent === undefined
          ? {
              says: 'the relay sends it within seconds; if it stays, run the release step: a queue is missing',
              command: 'warren status',
            }
          : { says: 'bring RabbitMQ back; it is sent by itself then' },
    };
  }
  const { paused } = settingFor(actor, settings);
  if (paused !== null) {
    return {
      ...of,
      kind: 'paused',
      says: `${paused.by} has paused ${actor} since ${paused.since.toISOString()}: ${paused.reason}`,
      unblock: { says: 'resume it; it goes on where it was', command: resumeOf(actor) },
    };
  }
  const circuit = circuits.find(({ actors }) => actors.includes(actor));
  if (circuit !== undefined) {
    return {
      ...of,
      kind: 'provider',
      says: `${actor} pauses: the ${circuit.provider} fails (${circuit.reason ?? 'no reason is known'}), is left alone since ${circuit.openedAt.toISOString()} and tried again at ${circuit.nextTryAt.toISOString()}`,
      unblock: { says: `mend the ${circuit.provider}, or wait: it goes on by itself and no attempt is lost` },
    };
  }
  if (broker.silent !== undefined) {
    return {
      ...of,
      kind: 'broker-silent',
      says: `${actor} has not handled ${type}; how its queue is cannot be told (${broker.silent})`,
      unblock: { says: 'bring RabbitMQ back' },
    };
  }
  const queue = broker.queues.get(actor);
  return { ...of, ...queueWait(actor, type, queue, broker.retrying) };
}

function queueWait(
  actor: string,
  type: string,
  queue: QueueCount | undefined,
  retrying: number,
): Pick<Wait, 'kind' | 'says' | 'unblock'> {
  if (queue === undefined) {
    return {
      kind: 'queue-missing',
      says: `the queue of ${actor} is not there`,
      unblock: { says: 'run the release step', command: 'node dist/scripts/release.js' },
    };
  }
  const { waiting: ready, consumers } = queue;
  if (consumers === 0) {
    return {
      kind: 'no-consumer',
      says: `${type} waits in the queue ${actor}, which nobody consumes (${ready} ready)`,
      unblock: { says: `start the worker ${actor}`, command: `node dist/workers/start.js ${actor}` },
    };
  }
  if (ready > 0) {
    return {
      kind: 'queued',
      says: `${actor} has not come to ${type}: ${ready} messages are ready in its queue, ${consumers} consume it`,
      unblock: { says: `wait, or run more processes of ${actor}` },
    };
  }
  const ladder =
    retrying > 0 ? `, or it failed and waits on the retry ladder (${retrying} messages of all orders do)` : '';
  return {
    kind: 'under-way',
    says: `${actor} has ${type} in hand${ladder}`,
    unblock: { says: `wait; if it lasts, the log of ${actor} tells of failed attempts` },
  };
}

/** Nothing is under way. @param deadline the next one */
export function idleWait(deadline: Deadline | undefined, since: string, orderId: string): Wait {
  if (deadline === undefined) {
    return {
      kind: 'nothing',
      since,
      says: 'everything that was said about the order is handled, and no timer is set: nothing will happen by itself',
      unblock: { says: 'that should not be; the audit tells which promise is broken', command: 'npm run audit' },
    };
  }
  return {
    kind: 'timer',
    since,
    says: `the next thing to happen is ${deadline.type} at ${deadline.dueAt}: ${deadline.follows}`,
    unblock: { says: 'wait, or cancel the order', command: `warren orders cancel ${orderId} --reason "WHY"` },
  };
}
