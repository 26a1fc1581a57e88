/** Keys of storefronts, several each. The one key that every storefront had moves here and may do everything. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table api_keys (
      id uuid primary key,
      storefront_id uuid not null references storefronts,
      mode text not null check (mode in ('live', 'test')),
      prefix text unique check (starts_with(prefix, 'wk_' || mode || '_')),
      key_hash bytea not null unique check (octet_length(key_hash) = 32),
      scopes text[] not null check (cardinality(scopes) > 0),
      name text,
      created_at timestamptz not null default now(),
      used_at timestamptz,
      revoked_at timestamptz
    );
    create index api_keys_storefront on api_keys (storefront_id, id);
    comment on column api_keys.prefix is 'what comes before the secret of the key; null for keys of before they had it, which are found by hash';
    comment on column api_keys.key_hash is 'SHA-256 of the whole key';
    comment on column api_keys.used_at is 'to within five minutes; null if never';

    -- The release before this one knows a storefront by its one key, and makes storefronts so.
    alter table storefronts alter column key_hash drop not null;
    comment on column storefronts.key_hash is 'for the release before api_keys: the oldest live key that may do everything; to be dropped';
    comment on column storefronts.revoked_at is 'when the storefront was disabled: no key of it is let in';

    create function take_key_over() returns trigger language plpgsql as $$
    begin
      insert into api_keys (id, storefront_id, mode, key_hash, scopes, created_at, revoked_at)
      values (new.id, new.id,
        case new.key_hash when sha256('dev-storefront-key') then 'test' else 'live' end,
        new.key_hash, '{orders:write,orders:read,stock:write}', new.created_at, new.revoked_at)
      on conflict do nothing;
      return new;
    end $$;
    comment on function take_key_over is 'the key that was known to everybody is no live one; to be dropped with storefronts.key_hash';
    create trigger take_key_over after insert on storefronts
      for each row when (new.key_hash is not null) execute function take_key_over();

    insert into api_keys (id, storefront_id, mode, key_hash, scopes, created_at, revoked_at)
    select id, id, case key_hash when sha256('dev-storefront-key') then 'test' else 'live' end,
      key_hash, '{orders:write,orders:read,stock:write}', created_at, revoked_at
    from storefronts;
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
