/** How a line of the log names a message: its order, the trace that it is in, its id. */
import { readTraceparent } from '../messaging/trace-context.js';
import { HEADER, type Headers } from '../messaging/wire.js';

export interface Named {
  readonly messageId: string | undefined;
  /** Order id; null or undefined when a foreign publisher gave none. */
  readonly correlationId: string | null | undefined;
  readonly headers: Headers;
}

/** The trace is not that of the order once the message was sent anew; without one in its headers the log adds the order's. */
export function aboutMessage({ messageId, correlationId, headers }: Named) {
  const trace = readTraceparent(headers[HEADER.traceparent]);
  return {
    orderId: correlationId ?? undefined,
    ...(trace === undefined ? {} : { traceId: trace.traceId }),
    messageId,
  };
}
