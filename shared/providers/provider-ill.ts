import { TransientError } from '../actors/errors.js';

/**
 * A provider gave no answer, or one that says it is ill, to all of us alike: a timeout, a reset, 5xx, 429, 401. What was asked
 * may have been done. A definite no, and a request that the provider takes for wrong, are none: it is well enough to say so.
 */
export class ProviderIll extends TransientError {}

/** A provider is left alone, and was not asked. It says nothing about the message. */
export class CircuitOpen extends TransientError {
  constructor(provider: string) {
    super('provider.circuit-open', `the ${provider} is left alone for a while; what waits for it goes on by itself`);
  }
}

/** True when an answer was not waited for because the process stops: that says nothing about the provider. */
export const cutShort = ({ aborted, reason }: AbortSignal): boolean => aborted && !(reason instanceof TransientError);
