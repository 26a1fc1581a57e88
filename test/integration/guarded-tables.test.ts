import { expect } from 'chai';
import { GUARDED, OF_MIGRATIONS } from '../../shared/privileges/postgres-role.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('the tables whose rows are looked at one by one', () => {
  let store: TestDatabase;
  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());

  it('are there, in one schema', async () => {
    const { rows } = await store.database.query<{ name: string }>({
      text: "select tablename::text as name from pg_tables where schemaname = 'public' and tablename = any($1::text[])",
      values: [GUARDED],
    });
    expect(rows.map(({ name }) => name)).to.have.members([...GUARDED]);
  });

  it('have from migrations the policies that are kept when roles are applied, and no other, which would be dropped', async () => {
    const { rows } = await store.database.query<{ name: string }>({
      text: `select tablename || ' ' || policyname as name from pg_policies
             where schemaname = 'public' and tablename = any($1::text[])`,
      values: [GUARDED],
    });
    expect(
      rows.map(({ name }) => name),
      'keep it by OF_MIGRATIONS, and teach `guard` if it is of another table than the event log',
    ).to.have.members(OF_MIGRATIONS.map((name) => `event_log ${name}`));
  });
});
