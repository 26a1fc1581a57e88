/** What the fleet has left of its quotas: a bucket for each caller, from which processes take together what they gave out. */
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { ImpatientRedis, type RedisOptions } from './impatient-redis.js';

/** A process that has not settled for so long is not counted. */
const PROCESS_LIFE_MS = 10_000;

/**
 * Fills each bucket by Redis's clock, takes out what was given out, and returns what is left after how many processes settle.
 * Beyond what is there a caller goes into debt, of the whole quota at most. A bucket that would be full by itself is forgotten.
 */
const SETTLE_QUOTAS = `
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local processes = ARGV[1] .. 'processes'
  redis.call('zadd', processes, now, ARGV[2])
  redis.call('zremrangebyscore', processes, '-inf', now - ARGV[3])
  redis.call('pexpire', processes, ARGV[3])
  local answer = { redis.call('zcard', processes) }
  local requests, windowMs = tonumber(ARGV[4]), tonumber(ARGV[5])
  for i = 6, #ARGV, 2 do
    local key = ARGV[1] .. ARGV[i]
    local bucket = redis.call('hmget', key, 'level', 'at')
    local level = requests
    if bucket[1] then level = math.min(requests, bucket[1] + math.max(0, now - bucket[2]) * requests / windowMs) end
    level = math.max(-requests, level - ARGV[i + 1])
    redis.call('hset', key, 'level', level, 'at', now)
    redis.call('pexpire', key, math.ceil((requests - level) / requests * windowMs) + 1)
    answer[#answer + 1] = math.floor(level)
  end
  return answer`;

interface Scripts {
  settleQuotas(
    prefix: string,
    process: string,
    lifeMs: number,
    requests: number,
    windowMs: number,
    ...spendings: readonly (string | number)[]
  ): Promise<readonly number[]>;
}

export interface Spending {
  /** Names the quota; the same in every process. */
  readonly quota: string;
  readonly requests: number;
  readonly windowMs: number;
  /** What this process gave out since it settled last, by caller. */
  readonly spent: ReadonlyMap<string, number>;
}

export interface Settled {
  /** What is left of the quota, by caller; below 0 for a debt. */
  readonly levels: ReadonlyMap<string, number>;
  /** That settled lately, this one included. */
  readonly processes: number;
}

export class QuotaLedger {
  readonly #redis: ImpatientRedis<Scripts>;
  /** Names this process. */
  readonly #process = v7();

  constructor(options: RedisOptions, log: Logger) {
    this.#redis = new ImpatientRedis(options, { settleQuotas: SETTLE_QUOTAS }, log);
  }

  get ready(): boolean {
    return this.#redis.ready;
  }

  /** One command, whatever the callers; undefined when Redis does not answer at once. Repeated, it takes twice. */
  async settle({ quota, requests, windowMs, spent }: Spending): Promise<Settled | undefined> {
    const callers = [...spent.keys()];
    const answer = await this.#redis.ask((redis) =>
      redis.settleQuotas(
        'warren:quota:',
        this.#process,
        PROCESS_LIFE_MS,
        requests,
        windowMs,
        ...[...spent].flatMap(([caller, count]) => [`${quota}:${caller}`, count]),
      ),
    );
    if (answer === undefined) return undefined;
    const [processes = 1, ...levels] = answer;
    return { processes, levels: new Map(callers.map((caller, at) => [caller, levels[at] ?? 0])) };
  }

  close(): void {
    this.#redis.close();
  }
}
