/**
 * A span each request, by OpenTelemetry's conventions for HTTP. One about an order is in the order's trace, and the one that
 * placed it is where that begins; the caller's own trace is linked then. Any other goes on in the trace that the caller is in.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { newSpan, placingOf, readTraceparent, type SpanContext, traceIdOf } from '../shared/messaging/trace-context.js';
import type { Span } from '../shared/observability/span.js';
import { nowMs, tracing } from '../shared/observability/tracing.js';
import type { App } from './type-provider.js';

interface Place {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly links: readonly SpanContext[];
}

/** Where a request stands that has turned out to be about an order. */
const places = new WeakMap<FastifyRequest, Place | 'untraced'>();

/** The request has placed the order: the order's trace begins with it. */
export function placedOrder(request: FastifyRequest, orderId: string): void {
  if (tracing === undefined) return;
  const traced = tracing.samples(orderId);
  places.set(
    request,
    traced ? { context: placingOf(orderId), parent: undefined, links: callerOf(request) } : 'untraced',
  );
}

/** The request is about an order that was placed before. Returns its span; undefined when the order is not traced. */
export function aboutOrder(request: FastifyRequest, orderId: string): SpanContext | undefined {
  if (tracing === undefined) return undefined;
  const context = tracing.samples(orderId) ? newSpan(traceIdOf(orderId)) : undefined;
  places.set(
    request,
    context === undefined ? 'untraced' : { context, parent: placingOf(orderId), links: callerOf(request) },
  );
  return context;
}

/** Records the requests of the routes that are registered here. */
export function recordRequests(app: App): void {
  if (tracing === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    const place = places.get(request) ?? placeOf(request);
    if (place !== undefined && place !== 'untraced') tracing?.record(spanOf(request, reply, place));
  });
}

/** Of a request that is about no order: sampled as its caller's trace is, or else as often as orders are. */
function placeOf(request: FastifyRequest): Place | undefined {
  const [caller] = callerOf(request);
  const context = newSpan(caller?.traceId);
  const sampled = caller === undefined ? tracing?.samples(context.traceId) : caller.sampled;
  return sampled === true ? { context, parent: caller, links: [] } : undefined;
}

function callerOf(request: FastifyRequest) {
  const caller = readTraceparent(request.headers['traceparent']);
  return caller === undefined ? [] : [caller];
}

function spanOf(request: FastifyRequest, reply: FastifyReply, place: Place): Span {
  const { method, routeOptions, url, protocol } = request;
  const { statusCode, elapsedTime } = reply;
  const endMs = nowMs();
  const route = routeOptions.url ?? '';
  return {
    ...place,
    name: `${method} ${route}`,
    kind: 'server',
    startMs: endMs - elapsedTime,
    endMs,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'http.response.status_code': statusCode,
      'url.path': url.replace(/\?.*/, ''),
      'url.scheme': protocol,
    },
    // A refusal is the caller's error, and none of ours.
    error: statusCode < 500 ? undefined : { code: String(statusCode), message: '' },
  };
}
