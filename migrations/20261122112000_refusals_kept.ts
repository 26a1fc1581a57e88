/**
 * An idempotency key may lead to a refusal instead of an order: what was told under it is told again.
 *
 * The fingerprint of such a row has a byte more than its hash. A release that knows no refusals finds it to be another body's
 * and answers 422; it would answer 202 to what was never stored.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table idempotency_keys
      alter column order_id drop not null,
      -- Of type json, which keeps the order of members: the answer is the same to the byte.
      add column refusal json,
      -- Whatever was there before has an order; looking at all of it would stop the intake meanwhile.
      add constraint idempotency_keys_one_answer check ((order_id is null) <> (refusal is null)) not valid;
    comment on column idempotency_keys.refusal is 'what was answered instead of an order: {status, body}';
    comment on column idempotency_keys.fingerprint is 'SHA-256 of the body, and one byte more where there is a refusal';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
