/** A dead letter of shipping whose message does not fit its contract. */
import { v7 } from 'uuid';
import type { DeadLetter } from '../../shared/postgres/dead-letters.js';

export const sampleLetter = (over: Partial<DeadLetter> = {}): DeadLetter => ({
  actor: 'shipping',
  messageId: v7(),
  type: 'orders.order-ready',
  correlationId: v7(),
  body: '{"orderId":7}',
  headers: {},
  road: 'runtime',
  errorCode: 'message.invalid',
  errorMessage: 'orders.order-ready at /orderId: must be string',
  stack: 'at line 1',
  attempts: 1,
  release: 'r1',
  fingerprint: 'f1',
  ...over,
});
