/**
 * Notes in PostgreSQL that this process lives and what it is doing, with one small statement every five seconds. Nothing waits
 * for it: while PostgreSQL is away, the process is silent there and does its work.
 */
import { hostname } from 'node:os';
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { LoopDelayMeter, type LoopDelays } from '../observability/loop-delay.js';
import { loopDelaySeconds } from '../observability/metrics.js';
import { reasonOf } from '../observability/reason.js';
import { within } from '../observability/shutdown.js';
import type { Database } from '../postgres/database.js';
import { type ActorLoad, forgetInstance, noteInstance } from '../postgres/instances.js';
import { Rounds } from './rounds.js';

const EVERY_MS = 5000;
/** For people and alerts; web looks more often, since it refuses orders by it. */
const LOOP_DELAY_RESOLUTION_MS = 100;
/** For taking the note back; a process that cannot is shown as gone. */
const LEAVE_MS = 1000;

export interface SignsOfLifeOptions {
  /** The workers it runs, or `web`. */
  readonly kind: string;
  readonly database: Database;
  readonly release: string;
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>;
  /** Of each actor, what it holds and has handled since the start. @default it runs none */
  readonly actors?: ReadonlyMap<string, { readonly load: Pick<ActorLoad, 'inFlight' | 'handled'> }>;
  /** Between signs of life, in milliseconds. @default 5000 */
  readonly everyMs?: number;
}

export class SignsOfLife {
  readonly #options: SignsOfLifeOptions;
  readonly #id = v7();
  readonly #loopDelay = new LoopDelayMeter(LOOP_DELAY_RESOLUTION_MS);
  readonly #rounds: Rounds;
  readonly #handled = new Map<string, number>();
  #counted = performance.now();

  /** Shows the first at once. */
  constructor(options: SignsOfLifeOptions) {
    this.#options = options;
    this.#rounds = new Rounds('signs of life', () => this.#show(), options.log);
  }

  /** Takes the note back, for as long as a second; it never fails. */
  async stop(): Promise<void> {
    await within(LEAVE_MS, this.#leave());
  }

  async #leave(): Promise<void> {
    await this.#rounds.stop();
    this.#loopDelay.close();
    await forgetInstance(this.#options.database, this.#id);
  }

  async #show(): Promise<number> {
    const { kind, database, release, log, everyMs = EVERY_MS } = this.#options;
    const loopDelays = this.#loopDelay.take();
    tell(loopDelays);
    try {
      await noteInstance(database, {
        id: this.#id,
        kind,
        host: hostname(),
        pid: process.pid,
        release,
        upMs: process.uptime() * 1000,
        loopDelayMs: loopDelays.p99Ms,
        actors: this.#loads(),
      });
    } catch (error) {
      log.debug({ reason: reasonOf(error) }, 'could not note that this process lives');
    }
    return everyMs;
  }

  #loads(): Readonly<Record<string, ActorLoad>> {
    const now = performance.now();
    const seconds = Math.max(now - this.#counted, 1) / 1000;
    this.#counted = now;
    return Object.fromEntries(
      [...(this.#options.actors ?? [])].map(([name, { load }]) => {
        const perSecond = (load.handled - (this.#handled.get(name) ?? load.handled)) / seconds;
        this.#handled.set(name, load.handled);
        return [name, { ...load, perSecond: Math.round(perSecond * 100) / 100 }];
      }),
    );
  }
}

function tell({ p90Ms, p99Ms }: LoopDelays): void {
  loopDelaySeconds.set({ quantile: '0.9' }, p90Ms / 1000);
  loopDelaySeconds.set({ quantile: '0.99' }, p99Ms / 1000);
}
