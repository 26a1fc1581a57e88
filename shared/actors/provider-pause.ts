/**
 * Keeps an actor from its effects while a provider that they need is left alone. What it holds meanwhile keeps its attempt;
 * it is given back to the queue now and then, for another process may do better and the broker waits for no ack for ever.
 */
import type { Provider } from '../providers/provider.js';
import { CircuitOpen } from '../providers/provider-ill.js';
import { TransientError } from './errors.js';

/** RabbitMQ closes a channel with a delivery that is unacked for 30 minutes. */
const GIVE_BACK_EVERY_MS = 60_000;

export interface ProviderPauseOptions {
  /** Those whom the actor's effects ask. */
  readonly providers: readonly Provider[];
  /** Effects may begin again, be it only one. */
  readonly onResume: () => void;
  /** Called every minute that the pause lasts, and when somebody cannot wait for its end. */
  readonly onGiveBack: () => void;
  /** @default 60_000 */
  readonly giveBackEveryMs?: number | undefined;
}

export class ProviderPause {
  readonly #options: ProviderPauseOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProviderPauseOptions) {
    this.#options = options;
    for (const provider of options.providers) provider.onChange(() => this.#changed());
  }

  /** How many effects may be under way now, of so many. */
  most(concurrency: number): number {
    let most = concurrency;
    for (const { room } of this.#options.providers) most = Math.min(most, room);
    return most;
  }

  /** Whether a failure is the provider's and not the message's: then it costs no attempt. */
  excuses(error: unknown): boolean {
    return error instanceof CircuitOpen || (error instanceof TransientError && this.#anyOpen());
  }

  /** Gives back at once what waits for a provider that is left alone. */
  giveBack(): void {
    if (this.#anyOpen()) this.#options.onGiveBack();
  }

  /** True, or why nothing is begun. */
  readiness(): true | string {
    const provider = this.#options.providers.find(({ room }) => room === 0);
    if (provider === undefined) return true;
    if (provider.circuit === 'half-open') return `${provider.name}: circuit half-open, being tried`;
    return `${provider.name}: circuit open, next try in ${Math.ceil(provider.nextTryInMs / 1000)} s`;
  }

  /** The process stops: what is held goes back with its channel. */
  close(): void {
    clearInterval(this.#timer);
  }

  #anyOpen(): boolean {
    return this.#options.providers.some(({ circuit }) => circuit === 'open');
  }

  #changed(): void {
    const { providers, onResume, onGiveBack, giveBackEveryMs = GIVE_BACK_EVERY_MS } = this.#options;
    if (providers.every(({ circuit }) => circuit === 'closed')) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else {
      this.#timer ??= setInterval(onGiveBack, giveBackEveryMs).unref();
    }
    onResume();
  }
}
