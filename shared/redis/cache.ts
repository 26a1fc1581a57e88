/**
 * What makes duplicates cheap and keeps two processes from doing one thing at the same time. All of it may vanish at any
 * moment: the inbox is the truth. Every answer that does not come at once counts as "never seen, nobody claims it".
 */
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { ImpatientRedis, type RedisOptions } from './impatient-redis.js';

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

interface Scripts {
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

export class Cache {
  readonly #redis: ImpatientRedis<Scripts>;
  /** Names this process in claims. */
  readonly #owner = v7();
  #life: NodeJS.Timeout | undefined;

  constructor(options: RedisOptions, log: Logger) {
    this.#redis = new ImpatientRedis(
      options,
      { markMessages: MARK_MESSAGES, admitMessages: ADMIT_MESSAGES, unclaimMessages: UNCLAIM_MESSAGES },
      log,
    );
  }

  /** True when Redis answers; nothing but speed depends on it. */
  get ready(): boolean {
    return this.#redis.ready;
  }

  /** Notes messages as handled. Only ever after the commit: earlier, a rollback would make it a lie. */
  async mark(actor: string, ids: readonly string[]): Promise<void> {
    await this.#redis.ask((redis) => redis.markMessages(messageKey(actor, ''), MARK_TTL_S, ...ids));
  }

  /**
   * Tells which of the messages the actor has handled, and which another process holds; claims the others for this one. A claim
   * lasts for `ttlMs`, and no longer than its process lives: what a dead one held is there to be taken.
   */
  async admit(actor: string, ids: readonly string[], ttlMs: number): Promise<Admitted> {
    await this.#showLife();
    const [handled, held] =
      (await this.#redis.ask((redis) =>
        redis.admitMessages(messageKey(actor, ''), this.#owner, ttlMs, lifeKey(''), ...ids),
      )) ?? [];
    return { handled: new Set(handled), held: new Set(held) };
  }

  /** Gives up claims of this process, so that the next attempt need not wait for them to lapse. */
  async unclaim(actor: string, ids: readonly string[]): Promise<void> {
    await this.#redis.ask((redis) => redis.unclaimMessages(messageKey(actor, ''), this.#owner, ...ids));
  }

  /** Gives up all claims at once, and the connection. */
  async close(): Promise<void> {
    clearInterval(this.#life);
    if (this.#life !== undefined) await this.#redis.ask((redis) => redis.del(lifeKey(this.#owner)));
    this.#redis.close();
  }

  /** From the first claim on says every second that this process lives; a dead or stopped one falls silent. */
  async #showLife(): Promise<void> {
    if (this.#life !== undefined) return;
    const show = () => this.#redis.ask((redis) => redis.set(lifeKey(this.#owner), '1', 'PX', LIFE_MS));
    this.#life = setInterval(() => void show(), LIFE_MS / 3).unref();
    await show();
  }
}

const messageKey = (actor: string, id: string): string => `warren:message:${actor}:${id}`;
const lifeKey = (owner: string): string => `warren:life:${owner}`;
