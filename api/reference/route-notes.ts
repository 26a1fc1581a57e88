/** What a route says of itself, beside its schemas, for the reference at `/openapi.json`. Fastify takes no notice of it. */
import type { FastifySchema } from 'fastify';
import type { ProblemCode } from '../problem.js';
import type { AnswerHeader, RequestHeader } from './headers.js';

declare module 'fastify' {
  interface FastifySchema {
    /** What the route does, in a few words. Every route has it, or `hidden`. */
    summary?: string;
    /** What a caller has to know besides, in Markdown. */
    description?: string;
    /** Why the route is not in the reference. */
    hidden?: string;
    /** No key is asked for. @default false */
    open?: boolean;
    /** Request headers that mean something here. */
    takes?: readonly RequestHeader[];
    /** Answer headers by status. */
    gives?: Readonly<Record<number, readonly AnswerHeader[]>>;
    /** Media types of an answer by status, in the place of JSON or besides it. */
    media?: Readonly<Record<number, readonly string[]>>;
    /** Refusals of its own; those that follow from key, headers, body and parameters are known (`refusals.ts`). */
    problems?: readonly ProblemCode[];
  }
}

export interface RegisteredRoute {
  readonly method: string;
  /** As Fastify writes it: `/orders/:id`. */
  readonly path: string;
  readonly schema: FastifySchema;
  /** Of a storefront's key; undefined where no such key is asked for. */
  readonly scope?: string | undefined;
}
