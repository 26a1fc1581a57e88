/** What carries orders from HTTP to shipped: Warren's own fleet, or a peer's that does the same. */

import type { Database } from '../../shared/postgres/database.js';
import type { BenchFleet } from './bench-fleet.js';
import type { BenchContext, Check } from './scenario.js';
import { withIntake } from './standing-intake.js';
import { verifyWork } from './verify.js';
import { allWorkers } from './warm-fleet.js';
import { benchStock, SKUS } from './workload.js';

/** More than any run orders. */
const PLENTY = 1_000_000;

/** Its intake takes orders; its workers are not started yet. */
export interface OrderSystem {
  readonly fleet: BenchFleet;
  /** Has orders, emails, outbox and event_log, in which both are alike. */
  readonly database: Database;
  /** Of the storefront. */
  readonly key: string;
  readonly workers: readonly string[];
  /** Whether so many orders were carried to their end, with all that belongs to it, and nothing twice. */
  verify(orders: number): Promise<Check[]>;
}

export interface Contestant {
  /** In the keys of figures. */
  readonly name: string;
  readonly title: string;
  /** Starts it on empty servers, acts, and stops it. */
  standing<T>(context: BenchContext, act: (system: OrderSystem) => Promise<T>): Promise<T>;
}

export const plentyOfStock = (lines: number) => benchStock(SKUS, PLENTY, lines);

export const warren: Contestant = {
  name: 'warren',
  title: 'Warren',
  async standing(context, act) {
    const workers = (await allWorkers()).sort();
    const setting = { stock: plentyOfStock(context.options.lines), connections: 32, sandbox: true };
    return withIntake(context, setting, (begun) => {
      const { fleet, database, key } = begun;
      return act({ fleet, database, key, workers, verify: (shipped) => verifyWork({ shipped }, context, begun) });
    });
  },
};
