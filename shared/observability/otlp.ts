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
const EXPORT_EVERY_MS = 1000;
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

/** A span as the SDK wants it. */
class Recorded implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: OtelContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: Link[];
  readonly events = [];
  readonly ended = true;
  readonly resource: Resource;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: OtelContext;

  constructor({ name, kind, context, parent, startMs, endMs, attributes, links, error }: Span, resource: Resource) {
    this.name = name;
    this.kind = KINDS[kind];
    this.#context = otelContext(context);
    if (parent !== undefined) this.parentSpanContext = otelContext(parent);
    this.startTime = hrTime(startMs);
    // A start may be by another machine's clock.
    const end = Math.max(startMs, endMs);
    this.endTime = hrTime(end);
    this.duration = hrTime(end - startMs);
    this.status = error === undefined ? UNSET : { code: SpanStatusCode.ERROR, message: error.message };
    this.attributes = error === undefined ? attributes : { ...attributes, 'error.type': error.code };
    this.links = links?.map((link) => ({ context: otelContext(link) })) ?? [];
    this.resource = resource;
  }

  spanContext(): OtelContext {
    return this.#context;
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
