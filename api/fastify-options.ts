/** How Fastify takes requests: what of them it reads, how long it waits for them, and who refuses what it cannot read. */
import type { Server } from 'node:http';
import { type FastifyBaseLogger, type FastifyHttpOptions, LogController } from 'fastify';
import { refuseUnrouted } from './refusal.js';
import { refuseUnread } from './unread-request.js';

/** Room for 1000 lines with the longest SKUs, in bytes. */
export const BODY_AT_MOST = 512 * 1024;
/** A SKU of 64 characters, percent-encoded, in the path. */
const PATH_PARAMETER_AT_MOST = 64 * 12;

interface Given {
  readonly arrivesWithinMs: number;
  readonly log: FastifyBaseLogger;
  readonly trustedProxies: string[];
}

export function fastifyOptions({ arrivesWithinMs, log, trustedProxies }: Given) {
  return {
    loggerInstance: log,
    // What matters of a request is logged where it is decided; two lines for each would cost more than the rest of it.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_AT_MOST,
    requestTimeout: arrivesWithinMs,
    return503OnClosing: false,
    trustProxy: trustedProxies.length === 0 ? false : trustedProxies,
    routerOptions: { maxParamLength: PATH_PARAMETER_AT_MOST },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true } },
    // Fastify's own joins all faults in one text, however many; ours names the first of them.
    schemaErrorFormatter: () => new Error('the request does not fit its schema'),
    frameworkErrors: refuseUnrouted,
    clientErrorHandler: refuseUnread,
    http: {
      // `refuseUnmet` asks for it, in words.
      requireHostHeader: false,
      headersTimeout: arrivesWithinMs,
      // Node's own would let a request go on for as long again.
      connectionsCheckingInterval: arrivesWithinMs / 10,
    },
  } satisfies FastifyHttpOptions<Server, FastifyBaseLogger>;
}
