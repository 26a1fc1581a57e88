/** What a Redis server is, and what we may do there. */
import { randomUUID } from 'node:crypto';
import { oneOffRedis } from './one-off.js';

export interface RedisFacts {
  readonly version: string;
  /** What it does when its memory is full; anything but `noeviction` may lose alarms. */
  readonly evicts: string;
  /** Clients it takes at most; undefined where it does not say. */
  readonly mostClients: number | undefined;
  readonly clients: number;
}

/** Writes and deletes a key besides. @throws {Error} with what Redis said */
export async function redisFacts(url: string): Promise<RedisFacts> {
  const redis = await oneOffRedis(url);
  try {
    const key = `warren:doctor:${randomUUID()}`;
    await redis.set(key, '1', 'EX', 10);
    await redis.del(key);
    const info = await redis.info();
    const told = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const most = told('maxclients');
    return {
      version: told('redis_version') ?? 'unknown',
      evicts: told('maxmemory_policy') ?? 'unknown',
      mostClients: most === undefined ? undefined : Number(most),
      clients: Number(told('connected_clients') ?? 0),
    };
  } finally {
    redis.disconnect();
  }
}
