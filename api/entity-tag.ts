/**
 * Answers that are asked for again and again only tell that nothing has changed (RFC 9110, 8.8.3 and 13.1.2). The tag is made of all
 * that is sent, so nothing can change without it.
 */
import { hash } from 'node:crypto';
import type { DoneFuncWithErrOrRes, FastifyReply, FastifyRequest } from 'fastify';

/** A hook `onSend` of a route whose answers depend on who asks. */
export function tagAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: DoneFuncWithErrOrRes,
): void {
  done(null, tagged(request, reply, payload));
}

function tagged(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const { statusCode } = reply;
  if (typeof payload !== 'string' || (statusCode !== 200 && statusCode !== 201)) return payload;
  const tag = tagOf(payload);
  reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'authorization');
  if (statusCode !== 200 || !names(request.headers['if-none-match'], tag)) return payload;
  reply.code(304).removeHeader('content-type');
  // Of an answer to HEAD only the length is sent.
  return request.method === 'HEAD' ? payload : null;
}

/** A strong one, of 128 bits. */
const tagOf = (payload: string): string =>
  `"${hash('sha256', payload, 'buffer').subarray(0, 16).toString('base64url')}"`;

const TAG = /"[\x21\x23-\x7e\x80-\xff]*"/g;

/** Whether a list of tags, weak ones as good as strong ones, or a star, names the tag. */
export function names(list: string | undefined, tag: string): boolean {
  if (list === undefined) return false;
  return list.trim() === '*' || [...list.matchAll(TAG)].some(([found]) => found === tag);
}
