/** Where the trace of an order is to be seen. */
import { TRACE_ID_PLACE } from '../../../config/web-variables.js';
import { traceIdOf } from '../../../shared/messaging/trace-context.js';
import { sampler } from '../../../shared/observability/sampling.js';

export interface OrderTrace {
  readonly id: string;
  /** By the share of now; one that was placed under another share may be traced, or not, all the same. */
  readonly sampled: boolean;
  /** Null while no viewer is known. */
  readonly url: string | null;
}

export interface TraceSetting {
  /** With `{traceId}` in it; undefined while there is none. */
  readonly viewerUrl: string | undefined;
  /** Share of the orders that are traced; 0 while nothing is. */
  readonly ratio: number;
}

/** Pure. */
export const orderTrace = (orderId: string, { viewerUrl, ratio }: TraceSetting): OrderTrace => {
  const id = traceIdOf(orderId);
  const url = viewerUrl?.replaceAll(TRACE_ID_PLACE, id) ?? null;
  return { id, sampled: sampler(ratio)(orderId), url };
};
