/**
 * Traces, for the orders that are sampled. Off, and with nothing loaded, unless an OTLP endpoint is configured: then it costs
 * the question whether `tracing` is there. Spans are recorded when they are over, as a value; none is open in between.
 */
import type { Environment } from '../../config/environment.js';
import type { Logger } from './log.js';
import type { Tracing } from './span.js';

/** Undefined while nothing is traced. */
export let tracing: Tracing | undefined;

/** @param process the worker's name, or `web` */
export async function startTracing(
  settings: Pick<Environment, 'otlpEndpoint' | 'tracesRatio' | 'serviceName' | 'release'>,
  process: string,
  log: Logger,
): Promise<void> {
  const { otlpEndpoint } = settings;
  if (otlpEndpoint === undefined) return;
  // Only now: a process that traces nothing has none of these modules in memory.
  const { otlpTracing } = await import('./otlp.js');
  tracing = otlpTracing({ ...settings, otlpEndpoint, serviceName: settings.serviceName || `warren-${process}` }, log);
}

/** Exports what is left; within the time that is left for that is the caller's to see to. */
export async function stopTracing(): Promise<void> {
  await tracing?.stop();
  tracing = undefined;
}

/** Now, finer than a millisecond, and where the wall clock is. */
export function nowMs(): number {
  const now = performance.timeOrigin + performance.now();
  // The monotonic clock may have stood still with the machine, or the wall clock been set.
  const wall = Date.now();
  return Math.abs(now - wall) > 20 ? wall : now;
}
