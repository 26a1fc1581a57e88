/** The span of a request that an effect makes, by OpenTelemetry's conventions for HTTP, if the effect is traced. */
import { newSpan, type SpanContext, traceparentOf } from '../messaging/trace-context.js';
import { carriedBy } from '../observability/carried-context.js';
import { type SpanError, spanError } from '../observability/span-error.js';
import { nowMs, tracing } from '../observability/tracing.js';

export interface Asked {
  readonly method: string;
  readonly url: string;
}

export class RequestSpan {
  /** By them whoever is asked can go on with the trace. */
  readonly headers: { readonly traceparent: string };
  readonly #context: SpanContext;
  readonly #parent: SpanContext;
  readonly #asked: Asked;
  readonly #startMs = nowMs();

  private constructor(parent: SpanContext, asked: Asked) {
    this.#parent = parent;
    this.#context = newSpan(parent.traceId);
    this.#asked = asked;
    this.headers = { traceparent: traceparentOf(this.#context, true) };
  }

  /** @param signal of the effect that asks */
  static begin(signal: AbortSignal, asked: () => Asked): RequestSpan | undefined {
    if (tracing === undefined) return undefined;
    const parent = carriedBy(signal);
    return parent === undefined ? undefined : new RequestSpan(parent, asked());
  }

  answered(status: number): void {
    const error = status < 400 ? undefined : { code: String(status), message: '' };
    this.#record({ 'http.response.status_code': status }, error);
  }

  failed(error: unknown): void {
    this.#record({}, spanError(error));
  }

  #record(answer: Readonly<Record<string, number>>, error: SpanError | undefined): void {
    const { method, url } = this.#asked;
    const { origin, pathname, hostname, port, protocol } = new URL(url);
    tracing?.record({
      name: method,
      kind: 'client',
      context: this.#context,
      parent: this.#parent,
      startMs: this.#startMs,
      endMs: nowMs(),
      attributes: {
        'http.request.method': method,
        // What is asked with is not for everybody's eyes.
        'url.full': origin + pathname,
        'server.address': hostname,
        'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
        ...answer,
      },
      error,
    });
  }
}
