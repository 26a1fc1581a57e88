/**
 * The alarm clock of the fleet, by BullMQ: alarms at given seconds, and work that recurs. It may forget everything at any
 * moment, or ring twice. So whoever asks it for a ring looks for himself from time to time as well, and what a ring sets
 * going is harmless when repeated.
 */
import { type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from '../observability/log.js';
import { within } from '../observability/shutdown.js';
import { connectReason } from '../sockets/tls.js';
import { addressOf, tlsOption } from './redis-at.js';

const QUEUE = 'scheduler';
const ALARM = 'alarm';
/** Beside recurring work, which may take minutes, there is room for an alarm. */
const AT_ONCE = 4;
const ANSWER_WITHIN_MS = 2000;
const LOST_AFTER_MS = 10 * 60_000;
const CLOSE_WITHIN_MS = 3000;
/** Runs that failed, kept for whoever looks into Redis. */
const FAILED_KEPT = 50;

/** A second by the database's clock for which an alarm is wanted, and how far off it is. */
export interface Alarm {
  /** Seconds since 1970. */
  readonly second: number;
  /** Milliseconds from now. */
  readonly inMs: number;
}

export interface Recurring {
  /** Five fields of cron, in UTC. */
  readonly pattern: string;
  readonly run: () => Promise<unknown>;
}

export interface ClockOptions {
  readonly url: string;
  /** Sets going what is due. */
  readonly onAlarm: () => Promise<unknown>;
  /** By name. Each runs in one process of the fleet at a time, as far as the clock remembers. */
  readonly recurring: Readonly<Record<string, Recurring>>;
  /** After every run of recurring work. */
  readonly onRun: (name: string, outcome: 'done' | 'failed') => void;
}

export class Clock {
  readonly #options: ClockOptions;
  readonly #log: Logger;
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #worker: Worker;
  #quiet = false;
  #closed = false;

  constructor(options: ClockOptions, log: Logger) {
    const { url } = options;
    this.#options = options;
    this.#log = log;
    this.#redis = new Redis(addressOf(url), {
      ...tlsOption(url),
      // BullMQ asks for it: its commands wait for Redis instead of failing. What must not wait is given up by `#ask`.
      maxRetriesPerRequest: null,
      connectTimeout: 5000,
      // BullMQ's own second connection goes by it too, and is not to outlive this clock.
      retryStrategy: (failures) =>
        this.#closed ? null : Math.min(100 * 2 ** failures, 5000) * (0.5 + Math.random() / 2),
    });
    const shared = { connection: this.#redis, prefix: 'warren' };
    this.#queue = new Queue(QUEUE, {
      ...shared,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: { count: FAILED_KEPT } },
    });
    this.#worker = new Worker(QUEUE, (job) => this.#ring(job), { ...shared, concurrency: AT_ONCE });
    // Reconnecting is the library's affair; without listeners the process would die.
    const complain = (error: Error): void => this.#complain(error);
    this.#redis.on('error', complain);
    this.#queue.on('error', complain);
    this.#worker.on('error', complain);
  }

  /** True when Redis answers. */
  get ready(): boolean {
    return this.#redis.status === 'ready';
  }

  /** Asks for alarms; one for a second that has one already is the same. */
  async setAlarms(alarms: readonly Alarm[]): Promise<void> {
    if (alarms.length === 0) return;
    await this.#ask(() =>
      this.#queue.addBulk(
        alarms.map(({ second, inMs }) => ({
          name: ALARM,
          data: {},
          opts: { jobId: `${ALARM}-${second}`, delay: inMs },
        })),
      ),
    );
  }

  /** Sees to it that the recurring work stands in Redis, which may have forgotten it. */
  async ensureRecurring(): Promise<void> {
    await this.#ask(async () => {
      const known = new Map((await this.#queue.getJobSchedulers()).map((one) => [one.key, one]));
      for (const [name, { pattern }] of Object.entries(this.#options.recurring)) {
        const { pattern: before, next = 0 } = known.get(name) ?? {};
        // One whose time is long past was lost on its way to the next.
        if (before !== pattern || next < Date.now() - LOST_AFTER_MS)
          await this.#queue.upsertJobScheduler(name, { pattern, tz: 'UTC' }, { name });
      }
    });
  }

  /** Finishes what rang, within a few seconds, and gives up the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await within(CLOSE_WITHIN_MS, this.#worker.close());
    await within(CLOSE_WITHIN_MS, this.#queue.close());
    this.#redis.disconnect();
  }

  async #ring({ name }: Job): Promise<void> {
    if (name === ALARM) {
      await this.#options.onAlarm();
      return;
    }
    // A newer release may know more than this one.
    const work = this.#options.recurring[name];
    if (work === undefined) return this.#log.warn({ name }, 'nothing here recurs under this name');
    try {
      await work.run();
      this.#options.onRun(name, 'done');
    } catch (error) {
      this.#options.onRun(name, 'failed');
      this.#log.error({ name, err: error }, 'recurring work failed; it is done again when its time comes');
      throw error;
    }
  }

  async #ask(question: () => Promise<unknown>): Promise<void> {
    if (!this.ready) return;
    const asked = question().then(
      () => {
        this.#quiet = false;
      },
      (error) => this.#complain(error),
    );
    await within(ANSWER_WITHIN_MS, asked);
  }

  /** Once, until it works again. */
  #complain(error: Error): void {
    if (!this.#quiet)
      this.#log.warn({ reason: connectReason(error, 'REDIS') }, 'Redis does not answer; timers are late by seconds');
    this.#quiet = true;
  }
}
