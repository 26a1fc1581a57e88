/**
 * Sends a failed delivery up the retry ladder or to the dead letters, or gives it back. All before its ack: it is never in
 * neither place.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../messaging/message-id.js';
import { attemptOf, HEADER, type Headers, type Packet } from '../messaging/wire.js';
import type { Logger } from '../observability/log.js';
import { messagesSettled } from '../observability/metrics.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { Publisher } from '../rabbitmq/publisher.js';
import { DEAD_LETTERS, RETRY_RUNGS } from '../rabbitmq/topology.js';
import type { ActorDefinition } from './definition.js';
import { verdictOn } from './retry.js';

/** Between tries while neither the ladder nor the dead letters take a delivery. */
const FIRST_HOLD_MS = 1000;
const LONGEST_HOLD_MS = 15_000;
/** A stack goes into a header, and headers into one frame. */
const LONGEST_STACK = 4000;
const LONGEST_MESSAGE = 1000;
/** Takes a message to the queue that its routing key names. */
const DEFAULT_EXCHANGE = '';
const RUNG_DELAYS_MS = RETRY_RUNGS.map(({ delayMs }) => delayMs);

export interface FailedDeliveryOptions {
  readonly actor: ActorDefinition;
  readonly publisher: Publisher;
  readonly release: string;
  readonly log: Logger;
  /** Aborts when the process is to stop: what is still held then goes back to its queue with the channel. */
  readonly stopping: AbortSignal;
}

/** Resolves when the delivery is acked, or no longer ours. Never rejects. */
export async function settleFailed(delivery: Delivery, error: unknown, options: FailedDeliveryOptions): Promise<void> {
  const { actor, release, log } = options;
  const attempt = attemptOf(delivery.headers);
  const verdict = verdictOn(error, attempt, actor.maxAttempts, RUNG_DELAYS_MS);
  const about = {
    orderId: delivery.correlationId,
    messageId: delivery.messageId,
    type: delivery.type,
    attempt,
    err: error,
  };
  const rung = verdict.kind === 'retry' ? RETRY_RUNGS[verdict.rung] : undefined;
  if (verdict.kind === 'retry' && rung !== undefined) {
    log.warn({ ...about, retryInMs: rung.delayMs }, 'failed; trying again');
    const packet = packetOf(delivery, rung.name, actor.name, { [HEADER.attempt]: verdict.attempt });
    await moveThenAck(delivery, packet, options, () => messagesSettled.inc({ actor: actor.name, outcome: 'retried' }));
    return;
  }
  const code = verdict.kind === 'dead-letter' ? verdict.code : 'unexpected';
  log.error({ ...about, code }, 'failed for good; it goes to the dead letters');
  const packet = packetOf(delivery, DEAD_LETTERS, actor.name, {
    [HEADER.attempt]: attempt,
    [HEADER.actor]: actor.name,
    [HEADER.errorCode]: code,
    [HEADER.errorMessage]: String(error instanceof Error ? error.message : error).slice(0, LONGEST_MESSAGE),
    [HEADER.errorStack]: String(error instanceof Error ? error.stack : '').slice(0, LONGEST_STACK),
    [HEADER.release]: release,
  });
  await moveThenAck(delivery, packet, options, () =>
    messagesSettled.inc({ actor: actor.name, outcome: 'dead-lettered' }),
  );
}

/**
 * Puts a delivery at the end of its queue, as it is: neither its attempt nor the broker's count of deliveries moves, which
 * a requeue would. Resolves when the delivery is acked, or no longer ours. Never rejects.
 */
export async function giveBack(delivery: Delivery, options: FailedDeliveryOptions): Promise<void> {
  const { name } = options.actor;
  await moveThenAck(delivery, packetOf(delivery, DEFAULT_EXCHANGE, name, {}), options, () =>
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
  let sent = packet;
  // Held, not given back: every return would count against the queue's delivery limit.
  for (let failures = 0; delivery.live && !stopping.aborted; failures++) {
    const [outcome] = await publisher.publish([sent]);
    if (outcome === 'confirmed') {
      delivery.ack();
      count();
      return;
    }
    // What a foreign publisher put in may be more than a frame takes.
    if (outcome === 'unsendable') sent = { ...packet, headers: knownHeaders(packet.headers) };
    log.warn(
      { messageId: delivery.messageId, exchange: packet.exchange, outcome },
      'could not move the message; it is held',
    );
    await wait(Math.min(FIRST_HOLD_MS * 2 ** failures, LONGEST_HOLD_MS), undefined, { signal: stopping }).catch(
      () => undefined,
    );
  }
}

function packetOf(delivery: Delivery, exchange: string, routingKey: string, headers: Packet['headers']): Packet {
  return {
    exchange,
    routingKey,
    content: delivery.content,
    // An id of its own where the publisher gave none: a return can only be told by it.
    messageId: delivery.messageId ?? newId(),
    correlationId: delivery.correlationId,
    // The routing key is about to change, and with it the only other trace of the type.
    type: delivery.type ?? delivery.routingKey,
    headers: { ...ownHeaders(delivery.headers), ...headers },
  };
}

/** Without the broker's: `x-death` and its like tell of the last hop, and mislead after the next. */
function ownHeaders(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('x-')));
}

/** Those that Warren itself writes. */
function knownHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => /^(warren-|cloudEvents:)/.test(name) && name !== HEADER.errorStack),
  );
}
