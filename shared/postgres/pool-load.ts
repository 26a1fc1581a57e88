/** How the pools of a process are used, read when somebody looks: watching costs nothing between. */
import { Gauge } from 'prom-client';

/** What knex's pool tells of itself. */
interface Pool {
  numUsed(): number;
  numFree(): number;
  numPendingAcquires(): number;
}

const pools = new Set<Pool>();
const sum = (of: (pool: Pool) => number): number => [...pools].reduce((total, pool) => total + of(pool), 0);

new Gauge({
  name: 'warren_postgres_connections',
  help: 'Connections to PostgreSQL by state, used or idle, and those who wait for one: waiting',
  labelNames: ['state'] as const,
  collect() {
    this.set(
      { state: 'used' },
      sum((pool) => pool.numUsed()),
    );
    this.set(
      { state: 'idle' },
      sum((pool) => pool.numFree()),
    );
    this.set(
      { state: 'waiting' },
      sum((pool) => pool.numPendingAcquires()),
    );
  },
});

export const watchPool = (pool: Pool): void => void pools.add(pool);
export const forgetPool = (pool: Pool): void => void pools.delete(pool);
