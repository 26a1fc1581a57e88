/**
 * What makes duplicates cheap and keeps two processes from doing one thing at the same time. All of it may vanish at any
 * moment: the inbox is the truth. Every answer that does not come at once counts as "never seen, nobody claims it".
 */
import { Redis } from 'ioredis';
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import { connectReason } from '../sockets/tls.js';
import { addressOf, tlsOption } from './redis-at.js';

const ANSWER_WITHIN_MS = 250;
/** After a failure Redis is left alone for this long, so that a dead one costs nothing. */
const REST_MS = 2000;
const MARK_TTL_S = 3600;
/** A process that has not shown life for this long has given up its claims. */
const LIFE_MS = 3000;

/** What stands under a message's key once it is handled; before that, who has claimed it. */
const HANDLED = 'handled';

/** One command for a whole batch. Running one twice is harmless, and ioredis may do so. */
const MARK_MESSAGES = `
  for i = 3, #ARGV do redis.call('set', ARGV[1] .. ARGV[i], '${HANDLED}', 'EX', ARGV[2]) end`;

const ADMIT_MESSAGES = `
  local handled, held = {}, {}
  for i = 5, #ARGV do
    local key = ARGV[1] .. ARGV[i]
    local holder = redis.call('get', key)
    if holder == '${HANDLED}' then
      handled[#handled + 1] = ARGV[i]
    elseif holder and holder ~= ARGV[2] and redis.call('exists', ARGV[4] .. holder) == 1 then
      held[#held + 1] = ARGV[i]
    else
      redis.call('set', key, ARGV[2], 'PX', ARGV[3])
    end
  end
  return { handled, held }`;

const UNCLAIM_MESSAGES = `
  for i = 3, #ARGV do
    local key = ARGV[1] .. ARGV[i]
    if redis.call('get', key) == ARGV[2] then redis.call('del', key) end
  end`;

interface ScriptedRedis extends Redis {
  markMessages(keyPrefix: string, ttlS: number, ...ids: readonly string[]): Promise<unknown>;
  admitMessages(
    keyPrefix: string,
    owner: string,
    ttlMs: number,
    lifePrefix: string,
    ...ids: readonly string[]
  ): Promise<[handled: string[], held: string[]]>;
  unclaimMessages(keyPrefix: string, owner: string, ...ids: readonly string[]): Promise<unknown>;
}

/** Ids of messages. With Redis away both are empty. */
export interface Admitted {
  readonly handled: ReadonlySet<string>;
  /** By another process that lives. */
  readonly held: ReadonlySet<string>;
}

export interface CacheOptions {
  readonly url: string;
}

export class Cache {
  readonly #redis: ScriptedRedis;
  readonly #log: Logger;
  /** Names this process in claims. */
  readonly #owner = v7();
  #life: NodeJS.Timeout | undefined;
  #restUntil = 0;

  constructor({ url }: CacheOptions, log: Logger) {
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
    redis.defineCommand('markMessages', { numberOfKeys: 0, lua: MARK_MESSAGES });
    redis.defineCommand('admitMessages', { numberOfKeys: 0, lua: ADMIT_MESSAGES });
    redis.defineCommand('unclaimMessages', { numberOfKeys: 0, lua: UNCLAIM_MESSAGES });
    // ioredis adds the commands to the client; its types cannot follow.
    this.#redis = redis as ScriptedRedis;
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

  /** True when Redis answers; nothing but speed depends on it. */
  get ready(): boolean {
    return this.#redis.status === 'ready' && performance.now() >= this.#restUntil;
  }

  /** Notes messages as handled. Only ever after the commit: earlier, a rollback would make it a lie. */
  async mark(actor: string, ids: readonly string[]): Promise<void> {
    await this.#ask(() => this.#redis.markMessages(messageKey(actor, ''), MARK_TTL_S, ...ids));
  }

  /**
   * Tells which of the messages the actor has handled, and which another process holds; claims the others for this one. A claim
   * lasts for `ttlMs`, and no longer than its process lives: what a dead one held is there to be taken.
   */
  async admit(actor: string, ids: readonly string[], ttlMs: number): Promise<Admitted> {
    await this.#showLife();
    const [handled, held] =
      (await this.#ask(() =>
        this.#redis.admitMessages(messageKey(actor, ''), this.#owner, ttlMs, lifeKey(''), ...ids),
      )) ?? [];
    return { handled: new Set(handled), held: new Set(held) };
  }

  /** Gives up claims of this process, so that the next attempt need not wait for them to lapse. */
  async unclaim(actor: string, ids: readonly string[]): Promise<void> {
    await this.#ask(() => this.#redis.unclaimMessages(messageKey(actor, ''), this.#owner, ...ids));
  }

  /** Gives up all claims at once, and the connection. */
  async close(): Promise<void> {
    clearInterval(this.#life);
    if (this.#life !== undefined) await this.#ask(() => this.#redis.del(lifeKey(this.#owner)));
    this.#redis.disconnect();
  }

  /** From the first claim on says every second that this process lives; a dead or stopped one falls silent. */
  async #showLife(): Promise<void> {
    if (this.#life !== undefined) return;
    const show = () => this.#ask(() => this.#redis.set(lifeKey(this.#owner), '1', 'PX', LIFE_MS));
    this.#life = setInterval(() => void show(), LIFE_MS / 3).unref();
    await show();
  }

  async #ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (!this.ready) return undefined;
    try {
      return await question();
    } catch (error) {
      this.#restUntil = performance.now() + REST_MS;
      this.#log.warn({ reason: reasonOf(error) }, 'Redis does not answer; going on without it');
      return undefined;
    }
  }
}

const messageKey = (actor: string, id: string): string => `warren:message:${actor}:${id}`;
const lifeKey = (owner: string): string => `warren:life:${owner}`;
