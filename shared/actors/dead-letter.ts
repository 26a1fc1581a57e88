/** What is filed of a message that an actor gives up, of one that has to wait, and of one that the broker gave up. Pure. */
import { createHash } from 'node:crypto';
import { attemptOf, HEADER, type Headers, type Packet, textOf } from '../messaging/wire.js';
import { withoutMailAddresses } from '../observability/mail-addresses.js';
import { type DeadLetter, isUnaddressed, UNADDRESSED } from '../postgres/dead-letters.js';
import { DEAD_LETTERS } from '../rabbitmq/topology.js';
import { type Carried, idOf, movedPacket } from './moved-packet.js';

/** A stack goes into a header, and headers into one frame. */
const LONGEST_STACK = 4000;
const LONGEST_MESSAGE = 1000;
/** The code of what only waits behind a dead letter of its order. */
const WAITS = 'order.waits';

/**
 * Reads a dead letter off what carries it. The runtime attaches the error in headers; the broker (delivery limit, expiry) attaches only
 * where the message comes from, and whatever looks like an error beside that is the publisher's.
 */
export function deadLetterOf(received: Carried): DeadLetter {
  const { headers, content } = received;
  // Of the broker's dead letters too, as the topology declares; and the one thing for which a publisher needs its permission.
  const actor = received.routingKey.slice(0, 255);
  const type = received.type ?? null;
  const failure = failureOf(headers, { actor, type });
  const messageId = received.messageId ?? idOf(content);
  return {
    actor,
    messageId: isUnaddressed(failure.errorCode) ? `${UNADDRESSED}${messageId}` : messageId,
    type,
    correlationId: received.correlationId ?? null,
    body: bodyOf(content),
    headers,
    ...failure,
    attempts: attemptOf(headers),
    fingerprint: createHash('sha256')
      .update(`${actor}\n${type ?? ''}\n${failure.errorCode}`)
      .digest('hex')
      .slice(0, 16),
  };
}

type Failure = Pick<DeadLetter, 'road' | 'errorCode' | 'errorMessage' | 'stack' | 'release'>;

/** What the runtime says of it, or what follows from the broker's last hop. */
function failureOf(headers: Headers, named: { readonly actor: string; readonly type: string | null }): Failure {
  const hop = hopOf(headers);
  const code = headers[HEADER.errorCode];
  if (hop === undefined && typeof code === 'string') {
    return {
      road: 'runtime',
      errorCode: textOf(code) ?? BY_BROKER.deliveryLimit.errorCode,
      errorMessage: textOf(headers[HEADER.errorMessage]) ?? BY_BROKER.deliveryLimit.errorMessage,
      stack: textOf(headers[HEADER.errorStack]) ?? null,
      release: textOf(headers[HEADER.release]) ?? null,
    };
  }
  return { road: 'broker', stack: null, release: null, ...byBroker(hop, named) };
}

const BY_BROKER = {
  deliveryLimit: {
    errorCode: 'broker.delivery-limit',
    errorMessage: 'delivered more often than the queue allows: it may kill the process that handles it',
  },
  expired: {
    errorCode: 'broker.expired',
    errorMessage:
      'waited in its queue for longer than its publisher allowed; publish it without an expiration, and discard this one',
  },
  wrongAddress: {
    errorCode: 'message.wrong-address',
    errorMessage:
      'came to its queue under another routing key than its own name: publish it under its name, and discard this one',
  },
} as const;

function byBroker(
  hop: Hop | undefined,
  { actor, type }: { readonly actor: string; readonly type: string | null },
): Pick<Failure, 'errorCode' | 'errorMessage'> {
  const cause = hop?.reason === 'expired' ? BY_BROKER.expired : BY_BROKER.deliveryLimit;
  if (hop === undefined || type === null) return cause;
  const [key]: unknown[] = Array.isArray(hop['routing-keys']) ? hop['routing-keys'] : [];
  return key === actor || key === type ? cause : BY_BROKER.wrongAddress;
}

type Hop = { readonly queue?: unknown; readonly reason?: unknown; readonly 'routing-keys'?: unknown };

/**
 * The broker's last hop out of the queue of an actor; the one out of the dead letters, for what was put back there by hand, does not
 * count. Undefined for what the runtime has published, which has none (`movedPacket`). The broker puts its own in front. Before 4.0 it
 * only counts up a publisher's own about the same queue and reason, keys and all: so nobody is to believe that a hop names the right key.
 */
function hopOf({ 'x-death': deaths }: Headers): Hop | undefined {
  const hops: unknown[] = Array.isArray(deaths) ? deaths : [];
  return hops.find((hop): hop is Hop => typeof hop === 'object' && hop !== null && !isOfDeadLetters(hop));
}

const isOfDeadLetters = (hop: Hop): boolean => hop.queue === DEAD_LETTERS;

/** The packet that carries a failed delivery to the dead letters, its error attached. */
export function deadPacket(
  delivery: Carried,
  { code, error }: { readonly code: string; readonly error: unknown },
  { actor, release }: { readonly actor: string; readonly release: string },
): Packet {
  return movedPacket(delivery, DEAD_LETTERS, actor, {
    [HEADER.attempt]: attemptOf(delivery.headers),
    [HEADER.actor]: actor,
    [HEADER.errorCode]: code,
    [HEADER.errorMessage]: withoutMailAddresses(String(error instanceof Error ? error.message : error)).slice(
      0,
      LONGEST_MESSAGE,
    ),
    [HEADER.errorStack]: withoutMailAddresses(String(error instanceof Error ? error.stack : '')).slice(
      0,
      LONGEST_STACK,
    ),
    [HEADER.release]: release,
  });
}

/** What is filed of a message whose order has a dead letter at the actor: nothing is wrong with it, it waits its turn. */
export function heldLetterOf(delivery: Carried, at: { readonly actor: string; readonly release: string }): DeadLetter {
  const packet = deadPacket(delivery, { code: WAITS, error: 'waits behind a dead letter of its order' }, at);
  return deadLetterOf(packet);
}

/** In front of a body that is no text. */
const BASE64 = 'base64:';

/** Text as it is; what PostgreSQL cannot hold as text, in base64. */
function bodyOf(content: Buffer): string {
  const text = content.toString('utf8');
  return text.includes('\u0000') || text.startsWith(BASE64) || !Buffer.from(text, 'utf8').equals(content)
    ? `${BASE64}${content.toString('base64')}`
    : text;
}

/** The body of a letter as it was received. */
export function contentOf({ body }: Pick<DeadLetter, 'body'>): Buffer {
  return body.startsWith(BASE64) ? Buffer.from(body.slice(BASE64.length), 'base64') : Buffer.from(body);
}
