/** Everything that Redis holds, for whoever has to make sure that something is not there. */
import type { Redis } from 'ioredis';
import { oneOffRedis } from './one-off.js';

const AT_ONCE = 500;

/**
 * Every key with what it holds, as text: fields, members and values of whatever type.
 * @throws {Error} when Redis does not answer
 */
export async function* redisContents(url: string): AsyncGenerator<{ readonly key: string; readonly text: string }> {
  const redis = await oneOffRedis(url);
  try {
    let cursor = '0';
    do {
      const [next, keys] = await redis.scan(cursor, 'COUNT', AT_ONCE);
      for (const key of keys) yield { key, text: JSON.stringify([key, await contentOf(redis, key)]) };
      cursor = next;
    } while (cursor !== '0');
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      // It expired meanwhile.
      return undefined;
  }
}
