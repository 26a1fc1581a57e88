/** What is recorded of a batch that is committed: the messages that it made, and how each of its works ended. */
import type { Message } from '../messaging/message.js';
import { recordCreated } from '../observability/message-spans.js';
import type { Settled } from './batch-transaction.js';

/** Each in the span of the work that made it. */
export function recordMade(messages: readonly Message[], settled: readonly Settled[]): void {
  const spans = new Map(settled.map(({ work }) => [work.message.id, work.span?.context]));
  recordCreated(messages, ({ causationId }) => (causationId === null ? undefined : spans.get(causationId)));
}

/** Of a work that is no longer the queue's. */
export function endSpan(settled: Exclude<Settled, { readonly kind: 'failed' }>): void {
  const { kind, work } = settled;
  if (kind === 'dead') {
    const { errorCode: code, errorMessage: message } = settled.letter;
    work.span?.end('dead-lettered', { code, message });
  } else if (kind !== 'moved') {
    work.span?.end(kind);
  }
}
