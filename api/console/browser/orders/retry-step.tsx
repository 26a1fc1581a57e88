/**
 * Has an actor handle once more what it has yet to handle of an order: its dead letter is redriven, where it has one; else the
 * message is replayed to it alone, from the event log.
 */
import type { Explanation, Replay } from '../answers.js';
import { ask, change } from '../ask.js';
import { Confirm } from '../confirm.js';

type Wait = Explanation['waits'][number];

/** Waits for which the message cannot arrive, or need not be sent: something else has to be done first. */
const NOT_YET: readonly string[] = ['held', 'redriving', 'queue-missing', 'broker-silent', 'paused'];
/** The actor's own process rehearses it; none that runs takes so long. */
const REHEARSED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 500;

interface Props {
  readonly orderId: string;
  readonly wait: Wait;
  readonly onRetried: () => void;
}

export function RetryStep({ orderId, wait, onRetried }: Props) {
  const { actor, message, letter, kind } = wait;
  if (actor === undefined || message === undefined || NOT_YET.includes(kind)) return null;
  const step = `${message.type} at ${actor}`;
  return (
    <Confirm
      action={`Retry ${step}`}
      impact={
        letter === undefined ? (
          <p>
            The message {message.id} is sent from the event log to {actor} alone, once a process of {actor} has
            rehearsed that. If {actor} has handled it meanwhile, or still gets the first copy, it is handled once: its
            inbox knows the message. Nothing is sent to anybody else.
          </p>
        ) : (
          <p>
            The dead letter {letter} is redriven: {actor} gets the message once more, under the same id. What follows it
            in its line of this order waits for what comes of it.
          </p>
        )
      }
      onConfirmed={async (reason) => {
        if (letter === undefined) await replayStep({ orderId, actor, type: message.type, reason });
        else await change(`/operator/dead-letters/${letter}/redrive`, { reason });
        onRetried();
      }}
    />
  );
}

interface Step {
  readonly orderId: string;
  readonly actor: string;
  readonly type: string;
  readonly reason: string;
}

/** @throws {Error} when there is nothing to send, or nobody who rehearses it */
async function replayStep({ orderId, actor, type, reason }: Step): Promise<void> {
  const made = await change<Replay>('/operator/replays', {
    to: actor,
    order: orderId,
    types: type,
    effects: true,
    reason,
  });
  const path = `/operator/replays/${made.id}`;
  const { rehearsal } = await rehearsed(path, actor, reason);
  const { toSend = 0, forgotten = 0 } = rehearsal ?? {};
  if (toSend === 0 || forgotten > 0) {
    await change(`${path}/cancel`, { reason });
    throw new Error(
      toSend === 0
        ? `There is nothing to send: ${actor} has handled it meanwhile, or it has become a dead letter.`
        : `Of the order's ${type} some are older than the inbox of ${actor}, which cannot tell whether they were handled. Nothing was sent; see to it by a replay.`,
    );
  }
  await change(`${path}/start`, { reason });
}

async function rehearsed(path: string, actor: string, reason: string): Promise<Replay> {
  const until = Date.now() + REHEARSED_WITHIN_MS;
  for (;;) {
    const replay = await ask<Replay>(path);
    if (replay.status === 'rehearsed') return replay;
    if (replay.status !== 'rehearsing')
      throw new Error(`Somebody has ended it: the replay ${replay.id} is ${replay.status}.`);
    if (Date.now() > until) {
      await change(`${path}/cancel`, { reason });
      throw new Error(`No process of ${actor} rehearsed it in time, so nothing was sent. Start one, then retry.`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
