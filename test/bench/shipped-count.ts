/**
 * How many orders are shipped, at the price of looking at the newest few thousand: ids carry the time, and below the oldest order
 * that is not shipped all are.
 */

import { leastId } from '../../shared/messaging/message-id.js';
import type { Database } from '../../shared/postgres/database.js';

/** An order is committed within this time of getting its id. */
const COMMITTED_WITHIN_MS = 10_000;

export class ShippedCount {
  readonly #database: Database;
  /** All orders below this id are shipped. */
  #edge = leastId(0);
  #below = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async look(): Promise<number> {
    const { rows } = await this.#database.query<{ shipped: number; passed: number; edge: string }>({
      name: 'bench-shipped',
      text: `with recent as materialized (select id, status from orders where id >= $1),
               edge as (select least($2::uuid, (select id from recent where status <> 'SHIPPED' order by id limit 1)) as id)
             select edge.id as edge, count(recent.id) filter (where status = 'SHIPPED') as shipped,
               count(recent.id) filter (where recent.id < edge.id) as passed
             from edge left join recent on true group by edge.id`,
      values: [this.#edge, leastId(Date.now() - COMMITTED_WITHIN_MS)],
    });
    const { shipped = 0, passed = 0, edge = this.#edge } = rows[0] ?? {};
    const all = this.#below + shipped;
    this.#edge = edge;
    this.#below += passed;
    return all;
  }
}
