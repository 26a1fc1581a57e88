/** Sends spans to an OTLP receiver, in batches and over HTTP. The only importer of OpenTelemetry's SDK; loaded if asked for. */
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext as OtelContext,
  SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { SpanContext } from '../messaging/trace-context.js';
import type { Logger } from './log.js';
import { sampler } from './sampling.js';
import type { Span, Tracing } from './span.js';

export interface OtlpOptions {
  /** Without `/v1/traces`. */
  readonly otlpEndpoint: string;
  /** Share of the orders that are traced, 0 to 1. */
  readonly tracesRatio: number;
  readonly serviceName: string;
  readonly release: string;
}

/** About 10 MB; what comes on top while the receiver is slow or away is dropped. */
const QUEUE_AT_MOST = 8192;
const EXPORTED_TOGETHER = 512;
/** Long enough for few requests, short enough for a busy process's spans to be gone before V8 takes them for old. */
const EXPORT_EVERY_MS = 250;
const EXPORT_TIMEOUT_MS = 5000;
const WARN_EVERY_MS = 60_000;

const KINDS: Readonly<Record<Span['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
/** Of OpenTelemetry's `ExportResultCode`. */
const SUCCESS = 0;
const UNSET: SpanStatus = { code: SpanStatusCode.UNSET };
const SCOPE = { name: 'warren' };

export function otlpTracing({ otlpEndpoint, tracesRatio, serviceName, release }: OtlpOptions, log: Logger): Tracing {
  // Headers (a vendor's key), compression and certificates it reads from OpenTelemetry's own variables.
  const exporter = new OTLPTraceExporter({
    url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_TIMEOUT_MS,
  });
  const processor = new BatchSpanProcessor(warning(exporter, log), {
    maxQueueSize: QUEUE_AT_MOST,
    maxExportBatchSize: EXPORTED_TOGETHER,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: 2 * EXPORT_TIMEOUT_MS,
  });
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'service.version': release });
  return {
    samples: sampler(tracesRatio),
    record: (span) => processor.onEnd(new Recorded(span, resource)),
    stop: () => processor.shutdown().catch(() => undefined),
  };
}

/** Says that spans were lost, once a minute at most: the work has nothing to do with it. */
function warning(exporter: SpanExporter, log: Logger): SpanExporter {
  let lost = 0;
  let warnedAt = Number.NEGATIVE_INFINITY;
  return {
    export(spans, done) {
      exporter.export(spans, ({ error }) => {
        if (error !== undefined) {
          lost += spans.length;
          if (performance.now() - warnedAt > WARN_EVERY_MS) {
            warnedAt = performance.now();
            log.warn({ spans: lost, reason: error.message }, 'the receiver of traces takes none; orders go on');
            lost = 0;
          }
        }
        // What failed is told of above; the SDK has a handler of its own for it.
        done({ code: SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

/** A span as the SDK wants it, made of what was recorded only when it is exported: what waits for that is kept small. */
class Recorded implements ReadableSpan {
  readonly events = [];
  readonly ended = true;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly resource: Resource;
  readonly parentSpanContext?: OtelContext;
  readonly #span: Span;

  constructor(span: Span, resource: Resource) {
    this.#span = span;
    this.resource = resource;
    if (span.parent !== undefined) this.parentSpanContext = otelContext(span.parent);
  }

  spanContext(): OtelContext {
    return otelContext(this.#span.context);
  }

  get name(): string {
    return this.#span.name;
  }

  get kind(): SpanKind {
    return KINDS[this.#span.kind];
  }

  get startTime(): HrTime {
    return hrTime(this.#span.startMs);
  }

  get endTime(): HrTime {
    return hrTime(this.#endMs);
  }

  get duration(): HrTime {
    return hrTime(this.#endMs - this.#span.startMs);
  }

  get status(): SpanStatus {
    const { error } = this.#span;
    return error === undefined ? UNSET : { code: SpanStatusCode.ERROR, message: error.message };
  }

  get attributes(): Attributes {
    const { attributes, error } = this.#span;
    return error === undefined ? attributes : { ...attributes, 'error.type': error.code };
  }

  get links(): Link[] {
    return this.#span.links?.map((link) => ({ context: otelContext(link) })) ?? [];
  }

  /** A start may be by another machine's clock. */
  get #endMs(): number {
    return Math.max(this.#span.startMs, this.#span.endMs);
  }
}

const otelContext = ({ traceId, spanId }: SpanContext): OtelContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
});

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
