/**
 * Somebody outside on whom effects depend: a payment provider, a carrier, a mail server. One who is ill is left alone: after
 * so many failures in a row the circuit opens and nobody asks, for a while; then it is half-open, and one request decides.
 */
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  type FailureReason,
  handleType,
} from 'cockatiel';
import { providerLeftAlone, providerSeconds } from '../observability/metrics.js';
import { CircuitOpen, ProviderIll } from './provider-ill.js';

export type Circuit = 'closed' | 'half-open' | 'open';

export interface ProviderOptions {
  /** What logs, metrics and readiness call it, e.g. `payment provider`. */
  readonly name: string;
  /** Failures in a row that open the circuit, from 1. */
  readonly failures: number;
  /** How long an open circuit stays so, in milliseconds; longer if the provider asks for it, up to a minute. */
  readonly openMs: number;
}

/** However long a provider wants to be left alone, it is looked at again after this. */
const LONGEST_OPEN_MS = 60_000;

export class Provider {
  readonly name: string;
  readonly #openMs: number;
  readonly #policy: CircuitBreakerPolicy;
  readonly #listeners: ((circuit: Circuit) => void)[] = [];
  readonly #seconds;
  /** While the circuit is open. */
  #rest: NodeJS.Timeout | undefined;
  /** On the monotonic clock. */
  #restUntil = 0;

  constructor({ name, failures, openMs }: ProviderOptions) {
    this.name = name;
    this.#openMs = openMs;
    const of = (outcome: string) => providerSeconds.labels({ provider: name, outcome });
    this.#seconds = { answered: of('answered'), ill: of('ill'), brokenOff: of('broken-off') };
    this.#policy = circuitBreaker(handleType(ProviderIll), {
      breaker: new ConsecutiveBreaker(failures),
      // A timer here says for how long: cockatiel goes by the wall clock, and would wait for one that was set back.
      halfOpenAfter: Number.NEGATIVE_INFINITY,
    });
    this.#policy.onBreak((reason) => this.#restFor(this.#wanted(reason)));
    this.#policy.onReset(() => this.#tell('closed'));
  }

  /**
   * Asks the provider. Only a `ProviderIll` counts as a failure of the provider, so nothing else should be thrown by
   * `attempt`: any answer at all is a sign of health.
   * @throws {CircuitOpen} at once, without asking, while the circuit is open or another request is deciding
   */
  async ask<T>(attempt: () => Promise<T>): Promise<T> {
    if (this.room === 0) {
      providerLeftAlone.inc({ provider: this.name });
      throw new CircuitOpen(this.name);
    }
    const begun = performance.now();
    let seconds = this.#seconds.answered;
    try {
      return await this.#policy.execute(attempt);
    } catch (error) {
      seconds = error instanceof ProviderIll ? this.#seconds.ill : this.#seconds.brokenOff;
      throw error;
    } finally {
      seconds.observe((performance.now() - begun) / 1000);
    }
  }

  /** `half-open` also while nobody has asked yet. */
  get circuit(): Circuit {
    if (this.#rest !== undefined) return 'open';
    return this.#policy.state === CircuitState.Closed ? 'closed' : 'half-open';
  }

  /** How many requests may begin now: any number, one that decides, or none. */
  get room(): number {
    if (this.#rest !== undefined || this.#policy.state === CircuitState.HalfOpen) return 0;
    return this.#policy.state === CircuitState.Closed ? Number.POSITIVE_INFINITY : 1;
  }

  /** Before an open circuit is half-open. */
  get nextTryInMs(): number {
    return this.#rest === undefined ? 0 : Math.max(0, this.#restUntil - performance.now());
  }

  /** What its last failure was, in words; undefined before the first. */
  get lastFailure(): string | undefined {
    const { lastFailure } = this.#policy;
    return lastFailure !== undefined && 'error' in lastFailure ? lastFailure.error.message : undefined;
  }

  /** Called at each change of the circuit, and each time it opens again. */
  onChange(listener: (circuit: Circuit) => void): void {
    this.#listeners.push(listener);
  }

  #wanted(reason: FailureReason<unknown> | { readonly isolated: true }): number {
    const error = 'error' in reason ? reason.error : undefined;
    const asked = error instanceof ProviderIll ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(this.#openMs, Math.min(asked, LONGEST_OPEN_MS));
  }

  #restFor(ms: number): void {
    clearTimeout(this.#rest);
    this.#restUntil = performance.now() + ms;
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#tell('half-open');
    }, ms).unref();
    this.#tell('open');
  }

  #tell(circuit: Circuit): void {
    for (const listener of this.#listeners) listener(circuit);
  }
}
