/**
 * What makes duplicates cheap and keeps two processes from doing one thing at the same time. All of it may vanish at any
 * moment: the inbox is the truth. Every answer that does not come at once counts as "never seen, nobody claims it".
 */
import { Redis } from 'ioredis';
import type { Logger } from '../observability/log.js';

const ANSWER_WITHIN_MS = 250;
/** After a failure Redis is left alone for this long, so that a dead one costs nothing. */
const REST_MS = 2000;
const MARK_TTL_S = 3600;

export interface CacheOptions {
  readonly url: string;
  /** False accepts a self-signed certificate. @default true */
  readonly rejectUnauthorized?: boolean;
}

export class Cache {
  readonly #redis: Redis;
  readonly #log: Logger;
  #restUntil = 0;

  constructor({ url, rejectUnauthorized = true }: CacheOptions, log: Logger) {
    this.#log = log;
    this.#redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: ANSWER_WITHIN_MS,
      connectTimeout: 5000,
      retryStrategy: (failures) => Math.min(100 * 2 ** failures, 5000) * (0.5 + Math.random() / 2),
      ...(url.startsWith('rediss:') ? { tls: { rejectUnauthorized } } : {}),
    });
    // Reconnecting is ioredis's affair; without a listener the process would die.
    this.#redis.on('error', () => undefined);
    void this.#redis.connect().catch(() => undefined);
  }

  /** True when Redis answers; nothing but speed depends on it. */
  get ready(): boolean {
    return this.#redis.status === 'ready' && Date.now() >= this.#restUntil;
  }

  /** Those of the messages that the actor is known to have handled. */
  async handled(actor: string, ids: readonly string[]): Promise<Set<string>> {
    const marks = await this.#ask(() => this.#redis.mget(ids.map((id) => markKey(actor, id))));
    return new Set(ids.filter((_, index) => typeof marks?.[index] === 'string'));
  }

  /** Notes messages as handled. Only ever after the commit: earlier, a rollback would make it a lie. */
  async mark(actor: string, ids: readonly string[]): Promise<void> {
    await this.#ask(() => this.#all(ids, (pipeline, id) => pipeline.set(markKey(actor, id), '1', 'EX', MARK_TTL_S)));
  }

  /** Claims the messages for `owner` and returns those that another process holds. */
  async claimedByOthers(actor: string, ids: readonly string[], owner: string, ttlMs: number): Promise<Set<string>> {
    const answers = await this.#ask(() =>
      this.#all(ids, (pipeline, id) => pipeline.set(claimKey(actor, id), owner, 'PX', ttlMs, 'NX', 'GET')),
    );
    return new Set(
      ids.filter((_, index) => {
        const holder = answers?.[index]?.[1];
        return typeof holder === 'string' && holder !== owner;
      }),
    );
  }

  /** Gives up claims, so that the next attempt need not wait for them to lapse. */
  async unclaim(actor: string, ids: readonly string[]): Promise<void> {
    await this.#ask(() => this.#redis.del(...ids.map((id) => claimKey(actor, id))));
  }

  close(): void {
    this.#redis.disconnect();
  }

  #all(ids: readonly string[], add: (pipeline: ReturnType<Redis['pipeline']>, id: string) => void) {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) add(pipeline, id);
    return pipeline.exec();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (!this.ready) return undefined;
    try {
      return await question();
    } catch (error) {
      this.#restUntil = Date.now() + REST_MS;
      this.#log.warn({ reason: (error as Error).message }, 'Redis does not answer; going on without it');
      return undefined;
    }
  }
}

const markKey = (actor: string, id: string): string => `warren:handled:${actor}:${id}`;
const claimKey = (actor: string, id: string): string => `warren:claim:${actor}:${id}`;
