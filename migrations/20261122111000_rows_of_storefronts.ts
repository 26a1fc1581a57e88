/**
 * A transaction that names storefronts (`warren.storefronts`, an array of their ids) sees and changes the rows of these only;
 * one that names none is of Warren itself, or of the release before, and sees all. Bites the tables' owner as well; a superuser
 * is above it.
 */
import type { Knex } from 'knex';

/** A table at a time: locks on several that are in use, in one transaction, deadlock with those who use them. */
export const config = { transaction: false };

/** Tables with a column `storefront_id`. */
const OWN = ['orders', 'idempotency_keys', 'stock_receipts'];

/** Tables of what belongs to an order, by what gives its id. They are written with the order, whosever it is. */
const OF_AN_ORDER = {
  payments: 'order_id',
  reservations: 'order_id',
  shipments: 'order_id',
  emails: "split_part(id, ':', 1)::uuid",
  event_log: 'correlation_id',
};

export async function up(knex: Knex): Promise<void> {
  // Asked for in `(select …)`, which PostgreSQL answers once a statement and not once a row.
  await knex.raw(`
    create or replace function sees_all_storefronts() returns boolean language sql stable parallel safe as $$
      select coalesce(current_setting('warren.storefronts', true), '') = ''
    $$;
    create or replace function seen_storefronts() returns uuid[] language sql stable parallel safe as $$
      select nullif(current_setting('warren.storefronts', true), '')::uuid[]
    $$;
    -- No part of the statement that asks, so that a plan with many partitions is not made longer by it.
    create or replace function sees_order(wanted uuid) returns boolean language plpgsql stable parallel safe as $$
    begin
      return exists (select from orders where id = wanted and storefront_id = any (seen_storefronts()));
    end
    $$;
  `);
  for (const table of OWN) {
    const seen = '(select sees_all_storefronts()) or storefront_id = any ((select seen_storefronts())::uuid[])';
    await policy(knex, table, `storefronts_own on ${table} using (${seen}) with check (${seen})`);
    await secure(knex, table);
  }
  for (const [table, orderId] of Object.entries(OF_AN_ORDER)) {
    const seen = `(select sees_all_storefronts()) or sees_order(${orderId})`;
    await policy(knex, table, `storefronts_own on ${table} for select using (${seen})`);
    // A process with a role of its own stores only the messages that its own policy lets it publish.
    const by = table === 'event_log' ? 'to current_user ' : '';
    await policy(knex, table, `stored_with_the_order on ${table} for insert ${by}with check (true)`);
    await policy(knex, table, `changed_by_warren on ${table} for update using ((select sees_all_storefronts()))`);
    await policy(knex, table, `deleted_by_warren on ${table} for delete using ((select sees_all_storefronts()))`);
    await secure(knex, table);
  }
}

/** @param rest begins with the name */
async function policy(knex: Knex, table: string, rest: string): Promise<void> {
  await knex.raw(`drop policy if exists ${rest.split(' ', 1)[0]} on ${table}; create policy ${rest}`);
}

async function secure(knex: Knex, table: string): Promise<void> {
  await knex.raw(`alter table ${table} enable row level security, force row level security`);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
