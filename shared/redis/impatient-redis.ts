/**
 * A connection to Redis for whoever can do without: what is not answered at once is not waited for, and a Redis that fails is
 * left alone for a while.
 */
import { Redis } from 'ioredis';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import { connectReason } from '../sockets/tls.js';
import { addressOf, tlsOption } from './redis-at.js';

const ANSWER_WITHIN_MS = 250;
/** After a failure Redis is left alone for this long, so that a dead one costs nothing. */
const REST_MS = 2000;

export interface RedisOptions {
  readonly url: string;
}

/** @typeParam Scripts the commands that were defined by `scripts` */
export class ImpatientRedis<Scripts> {
  readonly #redis: Redis & Scripts;
  readonly #log: Logger;
  #restUntil = 0;

  /** @param scripts Lua by the name of its command */
  constructor({ url }: RedisOptions, scripts: Readonly<Record<string, string>>, log: Logger) {
    this.#log = log;
    const redis = new Redis(addressOf(url), {
      ...tlsOption(url),
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_WITHIN_MS,
      connectTimeout: 5000,
      // A Redis that hangs would gather unanswered commands without end.
      socketTimeout: 5000,
      retryStrategy: (failures) => Math.min(100 * 2 ** failures, 5000) * (0.5 + Math.random() / 2),
    });
    for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 0, lua });
    // ioredis adds the commands to the client; its types cannot follow.
    this.#redis = redis as Redis & Scripts;
    // Reconnecting is ioredis's affair; without a listener the process would die.
    let quiet = false;
    this.#redis.on('ready', () => {
      quiet = false;
    });
    this.#redis.on('error', (error) => {
      if (!quiet) log.warn({ reason: connectReason(error, 'REDIS') }, 'cannot reach Redis; going on without it');
      quiet = true;
    });
    void this.#redis.connect().catch(() => undefined);
  }

  /** True when Redis answers. */
  get ready(): boolean {
    return this.#redis.status === 'ready' && performance.now() >= this.#restUntil;
  }

  /** Undefined when no answer comes at once. */
  async ask<T>(question: (redis: Redis & Scripts) => Promise<T>): Promise<T | undefined> {
    if (!this.ready) return undefined;
    try {
      return await question(this.#redis);
    } catch (error) {
      this.#restUntil = performance.now() + REST_MS;
      this.#log.warn({ reason: reasonOf(error) }, 'Redis does not answer; going on without it');
      return undefined;
    }
  }

  close(): void {
    this.#redis.disconnect();
  }
}
