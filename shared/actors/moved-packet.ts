/** A delivery as it is sent on: to a rung of the retry ladder, to the dead letters, or back to its queue. Pure. */
import { createHash } from 'node:crypto';
import { readTraceparent } from '../messaging/trace-context.js';
import { type HeaderKind, type Headers, kindOfHeader, type Packet, type Received } from '../messaging/wire.js';

/** What of it matters wherever it goes. */
export type Carried = Pick<Received, 'content' | 'routingKey' | 'messageId' | 'correlationId' | 'type' | 'headers'>;

/** A delivery as it is sent on to another exchange. */
export function movedPacket(delivery: Carried, exchange: string, routingKey: string, headers: Headers): Packet {
  return {
    exchange,
    routingKey,
    content: delivery.content,
    // A return can only be told by its id, and a letter that is filed again by having the same one.
    messageId: delivery.messageId ?? idOf(delivery.content),
    correlationId: delivery.correlationId,
    // The routing key is about to change, and with it the only other trace of the type.
    type: delivery.type ?? delivery.routingKey,
    headers: { ...ownHeaders(delivery.headers), ...headers },
  };
}

/** For a message whose publisher gave it no id: the same for the same content. */
export const idOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/**
 * Without the broker's: `x-death` and its like tell of the last hop, and mislead after the next. And without those by which a
 * publisher names further queues: each hop would send copies there.
 */
export function ownHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !name.startsWith('x-') && name !== 'CC' && name !== 'BCC'),
  );
}

/**
 * Those that Warren itself writes, where they are as it writes them: a foreign publisher may have taken the names. The mark of those that
 * could not be read stays in any case, or the message would be taken for one that never had any.
 */
export function knownHeaders(headers: Headers): Headers {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => {
      const kind = kindOfHeader(name);
      return kind !== undefined && IS_KNOWN[kind](value);
    }),
  );
}

/** Characters. */
const LONGEST_HEADER = 1000;

const isShort = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST_HEADER);
const never = (): boolean => false;

const IS_KNOWN: Readonly<Record<HeaderKind, (value: unknown) => boolean>> = {
  message: isShort,
  cause: isShort,
  attempt: isShort,
  trace: (value) => readTraceparent(value) !== undefined,
  'trace-of-others': never,
  failure: isShort,
  // Its letter has it.
  'failure-at-length': never,
  mark: (value) => value === true,
};
