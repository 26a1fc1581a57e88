/**
 * Sends a failed delivery up the retry ladder or to the dead letters, or gives it back. All before its ack: it is never in
 * neither place.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { anewHeaders, attemptOf, HEADER, type Packet } from '../messaging/wire.js';
import { aboutMessage } from '../observability/about-message.js';
import { alertFiled } from '../observability/alert-filed.js';
import { failpoint } from '../observability/failpoint.js';
import type { Logger } from '../observability/log.js';
import { recordSentAnew } from '../observability/message-spans.js';
import { messagesSettled, retries } from '../observability/metrics.js';
import { nowMs, tracing } from '../observability/tracing.js';
import type { Database } from '../postgres/database.js';
import { type DeadLetter, fileDeadLetters } from '../postgres/dead-letters.js';
import { isUnavailable } from '../postgres/failure.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Publisher } from '../rabbitmq/publisher.js';
import { RETRY_RUNGS, toActor } from '../rabbitmq/topology.js';
import { deadLetterOf, deadPacket } from './dead-letter.js';
import type { ActorDefinition } from './definition.js';
import { knownHeaders, movedPacket } from './moved-packet.js';
import { type Verdict, verdictOn } from './retry.js';
import { wrongAddress } from './work.js';

/** Between tries while neither the ladder nor the dead letters take a delivery. */
const FIRST_HOLD_MS = 1000;
const LONGEST_HOLD_MS = 15_000;
const RUNG_DELAYS_MS = RETRY_RUNGS.map(({ delayMs }) => delayMs);

export interface FailedDeliveryOptions {
  readonly actor: ActorDefinition;
  readonly publisher: Publisher;
  readonly database: Database;
  readonly release: string;
  readonly log: Logger;
  /** Aborts when the process is to stop: what is still held then goes back to its queue with the channel. */
  readonly stopping: AbortSignal;
  /** Waits before the next try while the database is away, and throws when the process is to stop. */
  readonly pause: (failures: number, error: unknown) => Promise<void>;
}

/** Resolves when the delivery is acked, or no longer ours. Never rejects. */
export async function settleFailed(delivery: Delivery, error: unknown, options: FailedDeliveryOptions): Promise<void> {
  const { actor, log } = options;
  const attempt = attemptOf(delivery.headers);
  const verdict = verdictOn(error, attempt, actor.maxAttempts, RUNG_DELAYS_MS);
  const about = {
    ...aboutMessage(delivery),
    type: delivery.type,
    attempt,
    err: error,
  };
  const rung = verdict.kind === 'retry' ? RETRY_RUNGS[verdict.rung] : undefined;
  if (verdict.kind === 'retry' && rung !== undefined) {
    log.warn({ ...about, retryInMs: rung.delayMs }, 'failed; trying again');
    const packet = movedPacket(delivery, rung.name, actor.name, {
      [HEADER.attempt]: verdict.attempt,
      ...anewHeaders(delivery, `attempt ${verdict.attempt}`, tracing?.samples(delivery.correlationId) === true),
    });
    await moveThenAck(delivery, packet, options, () => {
      messagesSettled.inc({ actor: actor.name, outcome: 'retried' });
      retries.inc({ actor: actor.name, rung: rung.name });
    });
    return;
  }
  await fileThenAck(delivery, giveUp(delivery, verdict, error, options), options);
}

/** The letter that a failed delivery becomes; undefined when it is to be tried again. Pure. */
export function letterOf(
  delivery: Delivery,
  error: unknown,
  at: { readonly actor: ActorDefinition; readonly release: string },
): DeadLetter | undefined {
  const verdict = verdictOn(error, attemptOf(delivery.headers), at.actor.maxAttempts, RUNG_DELAYS_MS);
  return verdict.kind === 'retry' ? undefined : deadLetterOf(giveUp(delivery, verdict, error, at));
}

function giveUp(
  delivery: Delivery,
  verdict: Verdict,
  error: unknown,
  { actor, release }: { readonly actor: ActorDefinition; readonly release: string },
): Packet {
  const code = verdict.kind === 'dead-letter' ? verdict.code : 'unexpected';
  return deadPacket(delivery, { code, error }, { actor: actor.name, release });
}

/** Files it here and now, so that what comes next of its order waits; what the table refuses goes by the queue. */
async function fileThenAck(delivery: Delivery, packet: Packet, options: FailedDeliveryOptions): Promise<void> {
  const { actor, database, pause, log } = options;
  const letter = deadLetterOf(packet);
  const count = (): void => messagesSettled.inc({ actor: actor.name, outcome: 'dead-lettered' });
  for (let failures = 1; delivery.live; failures++) {
    try {
      await database.transaction((transaction) => fileDeadLetters(transaction, [letter]));
      failpoint('dead-letter-filed');
      alertFiled(log, letter);
      delivery.ack();
      return count();
    } catch (error) {
      if (!isUnavailable(error)) {
        log.error({ ...aboutMessage(letter), code: letter.errorCode, err: error }, 'cannot file a dead letter');
        return moveThenAck(delivery, packet, options, count);
      }
      try {
        await pause(failures, error);
      } catch {
        // The process stops: the message goes back to its queue with the channel.
        return;
      }
    }
  }
}

/**
 * Puts a delivery at the end of its queue, as it is: neither its attempt nor the broker's count of deliveries moves, which
 * a requeue would. One that came under a wrong name becomes a dead letter. Resolves when the delivery is acked, or no longer ours.
 * Never rejects.
 */
export async function giveBack(delivery: Delivery, options: FailedDeliveryOptions): Promise<void> {
  const wrong = wrongAddress(options.actor, delivery);
  if (wrong !== undefined) return settleFailed(delivery, wrong, options);
  const { name } = options.actor;
  const { exchange, routingKey } = toActor(name);
  await moveThenAck(delivery, movedPacket(delivery, exchange, routingKey, {}), options, () =>
    messagesSettled.inc({ actor: name, outcome: 'given-back' }),
  );
}

async function moveThenAck(
  delivery: Delivery,
  packet: Packet,
  options: FailedDeliveryOptions,
  count: () => void,
): Promise<void> {
  const { publisher, log, stopping } = options;
  const startMs = nowMs();
  let sent = packet;
  // Held, not given back: every return would count against the queue's delivery limit.
  for (let failures = 0; delivery.live && !stopping.aborted; failures++) {
    const [outcome] = await publisher.publish([sent]);
    if (outcome === 'confirmed') {
      failpoint('failed-moved');
      recordSentAnew(sent, delivery.headers, { sender: 'retry', startMs, outcome });
      delivery.ack();
      count();
      return;
    }
    // What a foreign publisher put in may be more than a frame takes.
    if (outcome === 'unsendable') sent = { ...packet, headers: knownHeaders(packet.headers) };
    log.warn(
      { ...aboutMessage(delivery), exchange: packet.exchange, outcome },
      'could not move the message; it is held',
    );
    await wait(Math.min(FIRST_HOLD_MS * 2 ** failures, LONGEST_HOLD_MS), undefined, { signal: stopping }).catch(
      () => undefined,
    );
  }
}
