import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { faultsOf } from '../../audit/auditor.js';
import { standingAudit } from '../../audit/standing-audit.js';
import { Database } from '../../shared/postgres/database.js';
import { isUnavailable } from '../../shared/postgres/failure.js';
import { KeyedTable } from '../../shared/postgres/keyed-table.js';
import { migrate } from '../../shared/postgres/migrate.js';
import { needsOfFleet } from '../../shared/privileges/needs.js';
import { grantsTo } from '../../shared/privileges/postgres-role.js';
import { StockLevelsBySku } from '../../workers/inventory/release-before.state.js';
import { loadWorkers } from '../../workers/registry.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const MIGRATION = '20261122117000_stock_of_storefronts';
/** The tables as they were: one catalogue for all. */
const ONE_CATALOGUE = [
  ...['products', 'stock_levels', 'stock_movements'].flatMap((table) => [
    `drop policy storefronts_own on ${table}`,
    `alter table ${table} disable row level security, no force row level security`,
  ]),
  'drop function refuse_stock_of_nobody cascade',
  'alter table stock_levels drop column id, drop column storefront_id, add primary key (sku)',
  'alter table products drop column storefront_id, add primary key (sku)',
  'alter table stock_movements drop column storefront_id',
  'alter table reservations drop column storefront_id',
  'create index stock_movements_sku on stock_movements (sku, id)',
  `delete from knex_migrations where name = '${MIGRATION}'`,
];
const [ONE, OTHER] = [v7(), v7()];

describe('the migration that gives products and stock to storefronts', () => {
  let store: TestDatabase;

  beforeEach(async () => {
    store = await createDatabase();
    for (const text of ONE_CATALOGUE) await store.database.query({ text });
  });
  afterEach(() => store.close());

  const run = (text: string, ...values: unknown[]) => store.database.query<Record<string, unknown>>({ text, values });
  const up = () => migrate({ url: store.url, applicationName: 'warren release' });
  const storefront = (id: string) => run('insert into storefronts (id, name) values ($1, $2)', id, 'Shop');
  const product = async (sku: string, onHand = 0, reserved = 0, shipped = 0) => {
    await run('insert into products (sku, name, price_amount, currency) values ($1, $1, 950, $2)', sku, 'GBP');
    await run('insert into stock_levels values ($1, $2, $3, $4, 1)', sku, onHand, reserved, shipped);
  };
  const receipt = async (storefrontId: string, sku: string, quantity: number) => {
    const id = v7();
    await run(
      `insert into stock_movements (id, sku, kind, quantity) values ($1, $2, 'received', $3)`,
      id,
      sku,
      quantity,
    );
    await run(
      `insert into stock_receipts (storefront_id, key, fingerprint, movement_id, answer) values ($1, $2::text, '', $2::text::uuid, '{}')`,
      storefrontId,
      id,
    );
  };
  const order = async (
    storefrontId: string,
    sku: string,
    quantity: number,
    status: 'reserved' | 'released' | 'shipped',
  ) => {
    const id = v7();
    await run(
      `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
       values ($1, $2, '{}', '{}', '[]', 1, 'GBP', 'CONFIRMED', 'reserved', 'authorized', 'none', 1)`,
      id,
      storefrontId,
    );
    const lines = JSON.stringify([{ sku, quantity }]);
    await run('insert into reservations (order_id, status, lines, version) values ($1, $2, $3, 1)', id, status, lines);
    for (const kind of status === 'reserved' ? ['reserved'] : ['reserved', status])
      await run(
        'insert into stock_movements (id, sku, kind, quantity, order_id) values ($1, $2, $3, $4, $5)',
        v7(),
        sku,
        kind,
        quantity,
        id,
      );
    return id;
  };
  /** `mug one 4 0 4`: SKU, whose, on hand, reserved, shipped. */
  const levels = async () => {
    const { rows } = await run(
      `select concat_ws(' ', sku, case storefront_id when $1 then 'one' when $2 then 'other' end, on_hand, reserved, shipped) as level
       from stock_levels order by 1`,
      ONE,
      OTHER,
    );
    return rows.map(({ level }) => level);
  };
  const wrong = async () => {
    const verdicts = await standingAudit({ database: store.database, settledForMs: 0 });
    return verdicts.filter((verdict) => verdict.number === 3 && faultsOf(verdict) > 0);
  };

  it('gives everything to the storefront there is', async () => {
    await storefront(ONE);
    await product('mug', 6, 1, 3);
    await product('hat');
    await receipt(ONE, 'mug', 7);
    // Before receipts were kept.
    await run(`insert into stock_movements (id, sku, kind, quantity) values ($1, 'mug', 'received', 5)`, v7());
    const reserved = await order(ONE, 'mug', 1, 'reserved');
    await order(ONE, 'mug', 3, 'shipped');
    await order(ONE, 'mug', 2, 'released');
    await run(`update stock_levels set on_hand = 8 where sku = 'mug'`);
    expect(await up()).to.deep.equal([MIGRATION]);
    expect(await levels()).to.deep.equal(['hat one 0 0 0', 'mug one 8 1 3']);
    expect(await wrong()).to.deep.equal([]);
    const { rows } = await run('select order_id from reservations where storefront_id = $1', ONE);
    expect(rows).to.deep.equal([{ order_id: reserved }]);
    expect((await run('select from stock_movements where storefront_id = $1', ONE)).rowCount).to.equal(7);
  });

  it('leaves each what it booked in, takes what its orders took, and hands over what one sold of another’s; also when done twice', async () => {
    await storefront(ONE);
    await storefront(OTHER);
    await product('mug', 4, 5, 4);
    await receipt(ONE, 'mug', 6);
    await receipt(OTHER, 'mug', 3);
    await receipt(ONE, 'mug', 4);
    await order(ONE, 'mug', 4, 'shipped');
    const theirs = await order(OTHER, 'mug', 5, 'reserved');
    await product('tea', 7, 0, 2);
    await receipt(ONE, 'tea', 9);
    await order(ONE, 'tea', 2, 'shipped');
    await product('jug');
    await run(`delete from stock_levels where sku = 'jug'`);
    const before = await run('select sku, sum(quantity) from stock_movements group by sku order by sku');
    await up();
    const expected = [
      ...['jug one 0 0 0', 'jug other 0 0 0'],
      ...['mug one 4 0 4', 'mug other 0 5 0'],
      ...['tea one 7 0 2'],
    ];
    expect(await levels()).to.deep.equal(expected);
    expect(await wrong()).to.deep.equal([]);
    const after = await run('select sku, sum(quantity) from stock_movements group by sku order by sku');
    expect(after.rows).to.deep.equal(before.rows);
    const { rows: held } = await run('select storefront_id from reservations where order_id = $1', theirs);
    expect(held).to.deep.equal([{ storefront_id: OTHER }]);
    const { rows: catalogue } = await run('select sku, name, price_amount from products order by sku');
    expect(catalogue.map(({ sku, name, price_amount }) => `${sku} ${name} ${price_amount}`)).to.deep.equal(
      ['jug', 'jug', 'mug', 'mug', 'tea'].map((sku) => `${sku} ${sku} 950`),
    );
    // A release step that is killed begins anew.
    await run('delete from knex_migrations where name = $1', MIGRATION);
    expect(await up()).to.deep.equal([MIGRATION]);
    expect(await levels()).to.deep.equal(expected);
  });

  it('stops before it guesses or changes anything, where more has left than ever came in', async () => {
    await storefront(ONE);
    await product('mug', 0, 5, 0);
    await order(ONE, 'mug', 5, 'reserved');
    const error = await up().catch(String);
    expect(error).to.include('more pieces of mug have left than ever came in');
    const { rowCount: added } = await run(
      `select from pg_attribute where attrelid = 'stock_levels'::regclass and attname = 'storefront_id'`,
    );
    expect(added).to.equal(0);
    await run(`insert into stock_movements (id, sku, kind, quantity) values ($1, 'mug', 'received', 5)`, v7());
    await up();
    expect(await levels()).to.deep.equal(['mug one 0 5 0']);
  });

  /** One sells what the other has booked in: three pieces have to be handed over, for which the migration has the levels locked. */
  const soldOfAnother = async () => {
    await storefront(ONE);
    await storefront(OTHER);
    await product('mug', 2, 3, 0);
    await receipt(OTHER, 'mug', 5);
    await order(ONE, 'mug', 3, 'reserved');
  };
  /** Stops the migration when it hands pieces over, until whoever holds the lock lets it go on. */
  const stopWhereItHandsOver = () =>
    run(`
      create function wait_here() returns trigger language plpgsql as $$
      begin
        if old.storefront_id is not null then
          perform pg_advisory_xact_lock(7);
        end if;
        return new;
      end $$;
      create trigger wait_here before update on stock_movements for each row execute function wait_here()`);
  const handsOver = async () => {
    let pid: unknown;
    await until('pieces are being handed over', async () => {
      const { rows } = await run(
        `select pid from pg_locks where locktype = 'advisory' and objid = 7 and not granted
         and database = (select oid from pg_database where datname = current_database())`,
      );
      pid = rows[0]?.['pid'];
      return pid !== undefined;
    });
    return pid;
  };

  it('lets levels be read while it hands pieces over, and nobody move them', async () => {
    await soldOfAnother();
    await stopWhereItHandsOver();
    const before = new Database({ url: store.url, connections: 2, applicationName: 'release before' });
    let migrated: Promise<string[]> | undefined;
    try {
      await before.transaction(async (holder) => {
        await holder.query({ text: 'select pg_advisory_xact_lock(7)' });
        migrated = up();
        migrated.catch(() => undefined);
        await handsOver();
        await before.transaction(
          async (reader) => {
            const { rows } = await reader.query({ text: 'select on_hand from stock_levels' });
            expect(rows).to.deep.equal([{ on_hand: 2 }]);
          },
          undefined,
          [`lock_timeout = '200ms'`],
        );
        const moved = before.transaction(
          (mover) => mover.query({ text: 'select from stock_levels for no key update' }),
          undefined,
          [`lock_timeout = '200ms'`],
        );
        expect(await moved.catch(String)).to.include('lock timeout');
      });
      await migrated;
    } finally {
      await before.close();
    }
    expect(await levels()).to.deep.equal(['mug one 0 3 0', 'mug other 2 0 0']);
  });

  it('waits for who reads levels for long, and keeps other readers waiting for moments', async () => {
    await soldOfAnother();
    await stopWhereItHandsOver();
    const before = new Database({ url: store.url, connections: 2, applicationName: 'release before' });
    let migrated: Promise<string[]> | undefined;
    const waiting = async () => {
      const { rowCount } = await run(
        `select from pg_locks where mode = 'AccessExclusiveLock' and not granted and relation = 'stock_levels'::regclass`,
      );
      return rowCount > 0;
    };
    try {
      await before.transaction(async (reader) => {
        await before.transaction(async (holder) => {
          await holder.query({ text: 'select pg_advisory_xact_lock(7)' });
          migrated = up();
          migrated.catch(() => undefined);
          await handsOver();
          await reader.query({ text: 'select from stock_levels' });
        });
        await until('it wants the levels to itself', waiting);
        // It lets go when it has waited for half a second, which it would not for ten.
        await before.transaction((other) => other.query({ text: 'select from stock_levels' }), undefined, [
          `lock_timeout = '5s'`,
        ]);
      });
      await migrated;
    } finally {
      await before.close();
    }
    expect(await levels()).to.deep.equal(['mug one 0 3 0', 'mug other 2 0 0']);
  });

  it('leaves the release before at work when it is killed, and is done by the next try', async () => {
    await soldOfAnother();
    await stopWhereItHandsOver();
    const holder = new Database({ url: store.url, connections: 1, applicationName: 'release before' });
    try {
      await holder.transaction(async (transaction) => {
        await transaction.query({ text: 'select pg_advisory_xact_lock(7)' });
        const migrated = up().then(
          () => 'done',
          () => 'killed',
        );
        await run('select pg_terminate_backend($1::int)', await handsOver());
        expect(await migrated).to.equal('killed');
      });
    } finally {
      await holder.close();
    }
    // A reservation and its movement, as the release before makes them.
    await order(OTHER, 'mug', 1, 'reserved');
    await run('update stock_levels set on_hand = 1, reserved = 4');
    await run('drop function wait_here cascade');
    expect(await up()).to.deep.equal([MIGRATION]);
    expect(await levels()).to.deep.equal(['mug one 0 3 0', 'mug other 1 1 0']);
    expect(await wrong()).to.deep.equal([]);
  });

  it('keeps the movements that it has given away when a later part of them fails', async () => {
    await storefront(ONE);
    await product('mug', 5001);
    await run(`
      insert into stock_movements (id, sku, kind, quantity)
      select gen_random_uuid(), 'mug', 'received', 1 from generate_series(1, 5000);
      insert into stock_movements (id, sku, kind, quantity)
      values ('ffffffff-ffff-ffff-ffff-ffffffffffff', 'mug', 'received', 1);
      create function fail_here() returns trigger language plpgsql as $$ begin raise 'the last one'; end $$;
      create trigger fail_here before update on stock_movements for each row
        when (old.id = 'ffffffff-ffff-ffff-ffff-ffffffffffff') execute function fail_here()`);
    expect(await up().catch(String)).to.include('the last one');
    expect((await run('select from stock_movements where storefront_id = $1', ONE)).rowCount).to.equal(5000);
    await run('drop function fail_here cascade');
    await up();
    expect(await levels()).to.deep.equal(['mug one 5001 0 0']);
  });

  it('refuses the release before by its triggers, and not for what its role may not look at', async () => {
    await soldOfAnother();
    await up();
    const role = `t${randomBytes(4).toString('hex')}_inventory`;
    const needs = needsOfFleet(await loadWorkers(['inventory']), { tables: [] }).find(
      ({ process }) => process === 'inventory',
    );
    if (needs === undefined) throw new Error('there is no inventory');
    const { rows } = await run('select current_database()::text as name');
    const grants = grantsTo(role, needs, String(rows[0]?.['name'])).filter((text) => !text.includes('policy'));
    try {
      for (const text of [`create role ${role}`, `grant ${role} to current_user`, ...grants]) await run(text);
      const refusal = await store.database
        .transaction(async (transaction) => {
          await transaction.query({ text: `set local role ${role}` });
          const [mug] = await new KeyedTable(StockLevelsBySku).load(transaction, ['mug'], true);
          expect(mug?.key).to.equal('mug');
          await transaction.query({
            text: 'update stock_levels as stored set version = stored.version + 1, reserved = 4 where stored.sku = $1',
            values: ['mug'],
          });
          await transaction.query({
            text: `insert into reservations (order_id, version, status, lines) values ($1, 1, 'reserved', '[]')`,
            values: [v7()],
          });
        })
        .catch((error: unknown) => error);
      expect(isUnavailable(refusal), String(refusal)).to.equal(true);
    } finally {
      await run(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('waits for what is being moved, and has the release before wait from then on', async () => {
    await storefront(ONE);
    await product('mug', 5);
    await receipt(ONE, 'mug', 5);
    const before = new Database({ url: store.url, connections: 1, applicationName: 'release before' });
    let migrated: Promise<string[]> | undefined;
    try {
      await before.transaction(async (transaction) => {
        await transaction.query({ text: `update stock_levels set on_hand = 3, reserved = 2 where sku = 'mug'` });
        migrated = up();
        await until('it waits for the level', async () => {
          const { rowCount } = await run(
            `select from pg_locks where not granted and relation = 'stock_levels'::regclass`,
          );
          return rowCount > 0;
        });
        const id = v7();
        await transaction.query({
          text: `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
                 values ($1, $2, '{}', '{}', '[]', 1, 'GBP', 'INITIATED', 'pending', 'pending', 'none', 1)`,
          values: [id, ONE],
        });
        await transaction.query({
          text: `insert into stock_movements (id, sku, kind, quantity, order_id) values ($1, 'mug', 'reserved', 2, $2)`,
          values: [v7(), id],
        });
      });
      await migrated;
      expect(await levels()).to.deep.equal(['mug one 3 2 0']);
      for (const text of [
        `insert into stock_movements (id, sku, kind, quantity) values ($1, 'mug', 'received', 1)`,
        `insert into reservations (order_id, status, lines, version) values ($1, 'failed', '[]', 1)`,
      ]) {
        const refusal = await before.query({ text, values: [v7()] }).catch((error: unknown) => error);
        expect(isUnavailable(refusal), String(refusal)).to.equal(true);
      }
    } finally {
      await before.close();
    }
  });
});
