/** The header by which a caller repeats a request without repeating its effect. */
import type { FastifyRequest } from 'fastify';
import { Problem } from './problem.js';

/** 1 to 255 visible ASCII characters. Two such headers arrive joined by a comma and a space, and are refused for the space. */
const VALID = /^[\x21-\x7e]{1,255}$/;

/** @throws {Problem} `request.idempotency-key` */
export function idempotencyKeyOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && VALID.test(key)) return key;
  throw new Problem(
    'request.idempotency-key',
    'Send one Idempotency-Key of 1 to 255 visible ASCII characters; repeat it when you repeat the request.',
  );
}
