/** Receipts of goods, each booked once: a storefront's idempotency key belongs to one receipt. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table stock_receipts (
      storefront_id uuid not null,
      key text not null,
      fingerprint bytea not null,
      movement_id uuid not null,
      answer jsonb not null,
      created_at timestamptz not null default now(),
      primary key (storefront_id, key)
    );
    comment on column stock_receipts.answer is 'what the request was told, for its repetitions';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
