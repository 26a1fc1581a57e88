/**
 * What a handler throws says what follows from it: a `TransientError` climbs the retry ladder, a `PermanentError` goes
 * to the dead letters at once, anything else counts as transient until the actor's `maxAttempts`.
 */
export interface TransientOptions {
  /** Waits at least this long before the next attempt, in milliseconds, as far as the ladder reaches: 10 minutes. @default the rung of the attempt */
  readonly retryAfterMs?: number | undefined;
  /** Attempts after which it becomes a dead letter all the same, from 1. @default 100, about sixteen hours */
  readonly maxAttempts?: number;
  readonly cause?: unknown;
}

/** Another attempt may succeed: the provider is down, the order has not arrived yet. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
  readonly retryAfterMs: number | undefined;
  readonly maxAttempts: number;
  constructor(
    readonly code: string,
    message: string,
    { retryAfterMs, maxAttempts = 100, cause }: TransientOptions = {},
  ) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
    this.maxAttempts = maxAttempts;
  }
}

/** No attempt can succeed before somebody changes something. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
  constructor(
    readonly code: string,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** For a message about an order that PostgreSQL does not know, which the intake stores before anybody hears of it. */
export const orderUnknown = (orderId: string, what = `order ${orderId}`): TransientError =>
  new TransientError('order.unknown', `${what} is not stored; redrive it once the order is there, or discard it`, {
    // Until then a database that lags behind the broker may have caught up.
    maxAttempts: 6,
  });
