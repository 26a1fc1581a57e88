/** What Redis holds for the fleet, and how a process asks for it: it may have forgotten anything, or give no answer. */
import type { ProcessParts } from '../../../shared/actors/process-parts.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** As `shared/redis/cache.ts` has it: the claims of a process that has shown no life for so long count for nothing. */
const LIFE_MS = 3_000;

export class SimulatedRedis {
  readonly marks = new Set<string>();
  /** Who has claimed what. */
  readonly claims = new Map<string, { readonly holder: SimulatedProcess; readonly untilMs: number }>();

  forget(): void {
    this.marks.clear();
    this.claims.clear();
  }
}

export function cacheOf(world: World, redis: SimulatedRedis, process: SimulatedProcess): ProcessParts['cache'] {
  /** Undefined where Redis gives no answer. */
  const ask = <T>(what: string, question: () => T): Promise<T | undefined> =>
    new Promise((resolve) => {
      if (!process.acts(`asks Redis to ${what}`)) return;
      const away = world.happens('redis-is-away', 30);
      world.soon(() => {
        if (world.happens('redis-forgets', 100)) redis.forget();
        const answer = away ? undefined : question();
        world.after(world.latencyMs(), process, () => resolve(answer));
      });
    });
  const showsLife = (holder: SimulatedProcess): boolean =>
    holder.alive && holder.stalledUntilMs - world.scheduler.nowMs < LIFE_MS;
  return {
    async mark(actor, ids) {
      await ask('mark', () => {
        for (const id of ids) redis.marks.add(`${actor} ${id}`);
      });
    },
    async admit(actor, ids, ttlMs) {
      const admitted = await ask('admit', () => {
        const handled = new Set(ids.filter((id) => redis.marks.has(`${actor} ${id}`)));
        const held = ids.filter((id) => {
          if (handled.has(id)) return false;
          const claim = redis.claims.get(`${actor} ${id}`);
          const { nowMs } = world.scheduler;
          if (claim && claim.holder !== process && claim.untilMs > nowMs && showsLife(claim.holder)) return true;
          redis.claims.set(`${actor} ${id}`, { holder: process, untilMs: nowMs + ttlMs });
          return false;
        });
        return { handled, held: new Set(held) };
      });
      return admitted ?? { handled: new Set(), held: new Set() };
    },
    async unclaim(actor, ids) {
      await ask('give up claims', () => {
        for (const id of ids) {
          if (redis.claims.get(`${actor} ${id}`)?.holder === process) redis.claims.delete(`${actor} ${id}`);
        }
      });
    },
  };
}
