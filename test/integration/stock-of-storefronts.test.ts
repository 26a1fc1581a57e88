import { expect } from 'chai';
import { v7 } from 'uuid';
import { faultsOf } from '../../audit/auditor.js';
import { standingAudit } from '../../audit/standing-audit.js';
import { Database } from '../../shared/postgres/database.js';
import { isUnavailable } from '../../shared/postgres/failure.js';
import { migrate } from '../../shared/postgres/migrate.js';
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

  it('stops before it guesses, where more has left than ever came in', async () => {
    await storefront(ONE);
    await product('mug', 0, 5, 0);
    await order(ONE, 'mug', 5, 'reserved');
    const error = await up().catch(String);
    expect(error).to.include('more pieces of mug have left than ever came in');
    await run(`insert into stock_movements (id, sku, kind, quantity) values ($1, 'mug', 'received', 5)`, v7());
    await up();
    expect(await levels()).to.deep.equal(['mug one 0 5 0']);
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
