/** Redis forgets, dies and is full: only slower. */
import { Redis } from 'ioredis';
import { type Fault, nothingToHeal } from '../fault.js';
import type { System } from '../system.js';

const forgets: Fault = {
  name: 'redis-flushed',
  what: 'Redis forgets everything',
  touches: ['redis'],
  weight: 2,
  lastsMs: [0, 0],
  async inject(system) {
    await command(system, 'flushall');
    return { victim: 'Redis', heal: nothingToHeal };
  },
};

const killed: Fault = {
  name: 'redis-killed',
  what: 'Redis is killed, and comes back empty',
  touches: ['redis'],
  weight: 1,
  lastsMs: [5000, 60_000],
  async inject({ servers }) {
    await servers.kill('redis');
    return { victim: 'Redis', heal: () => servers.bringBack('redis') };
  },
};

const full: Fault = {
  name: 'redis-full',
  what: 'Redis is full, and takes nothing',
  touches: ['redis'],
  weight: 1,
  lastsMs: [5000, 40_000],
  async inject(system) {
    await command(system, 'config', 'set', 'maxmemory', '1');
    return {
      victim: 'Redis',
      heal: () => command(system, 'config', 'set', 'maxmemory', '256mb'),
    };
  },
};

export const redisFaults: readonly Fault[] = [forgets, killed, full];

/** Past the fleet's line. */
async function command({ servers }: System, name: string, ...words: readonly string[]): Promise<void> {
  const redis = new Redis(servers.redisUrl, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await redis.call(name, ...words);
  } finally {
    redis.disconnect();
  }
}
