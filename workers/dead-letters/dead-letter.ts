/** Reads a dead letter off the delivery that carries it. Pure. */
import { createHash } from 'node:crypto';
import { attemptOf, HEADER, type Headers, type Received } from '../../shared/messaging/wire.js';
import type { DeadLetter } from '../../shared/postgres/dead-letters.js';

/**
 * Two roads lead here: the runtime attaches the error in headers; the broker (delivery limit) attaches only where the
 * message comes from.
 */
export function deadLetterOf(received: Received): DeadLetter {
  const { headers, content } = received;
  const byRuntime = typeof headers[HEADER.errorCode] === 'string';
  // The broker's dead letters keep their queue as the routing key, as the topology declares.
  const actor = (textOf(headers, HEADER.actor) ?? received.routingKey).slice(0, 255);
  const errorCode = textOf(headers, HEADER.errorCode) ?? 'broker.delivery-limit';
  const type = received.type ?? null;
  return {
    actor,
    messageId: received.messageId ?? `sha256:${createHash('sha256').update(content).digest('hex')}`,
    type,
    correlationId: received.correlationId ?? null,
    body: storable(content),
    headers,
    road: byRuntime ? 'runtime' : 'broker',
    errorCode,
    errorMessage:
      textOf(headers, HEADER.errorMessage) ??
      'delivered more often than the queue allows: it may kill the process that handles it',
    stack: textOf(headers, HEADER.errorStack) ?? null,
    attempts: attemptOf(headers),
    release: textOf(headers, HEADER.release) ?? null,
    fingerprint: createHash('sha256')
      .update(`${actor}\n${type ?? ''}\n${errorCode}`)
      .digest('hex')
      .slice(0, 16),
  };
}

function textOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Text as it is; what PostgreSQL cannot hold as text, in base64. */
function storable(content: Buffer): string {
  const text = content.toString('utf8');
  return text.includes('\u0000') || !Buffer.from(text, 'utf8').equals(content)
    ? `base64:${content.toString('base64')}`
    : text;
}
