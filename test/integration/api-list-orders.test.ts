import { expect } from 'chai';
import { v7 } from 'uuid';
import { findOrders, type OrderFilter } from '../../api/orders/find-orders.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Rows, Statement, Transaction } from '../../shared/postgres/database.js';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { testKeyring } from '../support/keyring.js';

interface Made {
  readonly storefrontId: string;
  readonly placedAt?: string;
  readonly status?: string;
  readonly reference?: string;
  readonly email?: string;
}

/** Explains what it is asked, in the place of answering it. */
class Explaining implements Transaction {
  plan = '';
  readonly #within: Transaction;

  constructor(within: Transaction) {
    this.#within = within;
  }

  async query<R extends object>({ text, values = [] }: Statement): Promise<Rows<R>> {
    const { rows } = await this.#within.query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, values });
    this.plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    return { rows: [], rowCount: 0 };
  }
}

describe('the orders of a storefront', () => {
  const web = intakePerTest();
  let own: string;

  const make = async ({ storefrontId, placedAt = new Date().toISOString(), ...order }: Made): Promise<string> => {
    const id = v7({ msecs: Date.parse(placedAt) });
    await web.database.query({
      text: `insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency, placed_at,
               status, stock, payment, shipment, version)
             values ($1, $2, $3, $4, '{}', '[]', 1250, 'GBP', $5, $6, 'pending', 'pending', 'none', 1)`,
      values: [
        id,
        storefrontId,
        order.reference ?? null,
        JSON.stringify({ name: 'Ada', email: order.email ?? 'ada@example.com' }),
        placedAt,
        order.status ?? 'INITIATED',
      ],
    });
    return id;
  };
  const list = (query = '', headers: Record<string, string> = {}): Promise<Answer> =>
    web.intake.call('GET', `/orders${query}`, { headers });
  const idsOf = ({ body }: Answer): string[] => (body['items'] as { orderId: string }[]).map(({ orderId }) => orderId);
  const faultsOf = async (query: string): Promise<unknown[]> => {
    const { status, body } = await list(query);
    return [status, body['code'], (body['errors'] as { parameter: string }[]).map(({ parameter }) => parameter)];
  };

  beforeEach(async () => {
    const { rows } = await web.database.query<{ id: string }>({ text: 'select id from storefronts' });
    own = rows[0]?.id ?? '';
  });

  it('are listed the newest first, page by page, by nextCursor or the Link that says the same', async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at++)
      made.unshift(await make({ storefrontId: own, placedAt: `2026-03-01T08:0${at}:00Z` }));
    const first = await list('?limit=2');
    expect(first.body['items']).to.have.deep.nested.property('[0]', {
      orderId: made[0],
      status: 'INITIATED',
      customer: { name: 'Ada', email: 'ada@example.com' },
      total: { amount: 1250, currency: 'GBP' },
      placedAt: '2026-03-01T08:04:00.000Z',
    });
    expect(first.headers.get('link')).to.equal(
      `</orders?limit=2&cursor=${first.body['nextCursor']}>; rel="next", </orders?limit=2>; rel="first"`,
    );
    const next = /<\/orders([^>]*)>; rel="next"/;
    const second = await list(next.exec(first.headers.get('link') ?? '')?.[1]);
    const third = await list(`?limit=2&cursor=${second.body['nextCursor']}`);
    expect([first, second, third].flatMap(idsOf)).to.deep.equal(made);
    expect(third.body).not.to.have.property('nextCursor');
    expect(third.headers.get('link')).to.equal('</orders?limit=2>; rel="first"');
  });

  it('are 20 a page unless it is asked for others, 100 at most', async () => {
    await Promise.all(Array.from({ length: 25 }, () => make({ storefrontId: own })));
    expect(idsOf(await list())).to.have.length(20);
    expect(idsOf(await list('?limit=100'))).to.have.length(25);
    expect(await faultsOf('?limit=101')).to.deep.equal([422, 'request.invalid', ['limit']]);
    expect(await faultsOf('?limit=0')).to.deep.equal([422, 'request.invalid', ['limit']]);
  });

  it('are found by status, customer, reference and when they were placed', async () => {
    const paid = await make({
      storefrontId: own,
      status: 'PAID',
      placedAt: '2026-03-01T08:00:00Z',
      reference: 'r & d',
    });
    const grace = await make({ storefrontId: own, email: 'Grace@example.com', placedAt: '2026-03-02T08:00:00Z' });
    for (const [query, found] of [
      ['?status=PAID', [paid]],
      ['?status=CANCELLED', []],
      ['?customer=gRACE@EXAMPLE.com', [grace]],
      ['?customer=race@example.com', []],
      ['?reference=r%20%26%20d', [paid]],
      ['?reference=r', []],
      ['?from=2026-03-02T08:00:00Z', [grace]],
      ['?from=2026-03-02T08:00:00.001Z', []],
      ['?to=2026-03-02T08:00:00Z', [paid]],
      ['?from=2026-03-01&to=2026-03-02T10:00:01%2B02:00', [grace, paid]],
      ['?status=PAID&customer=ada@example.com&reference=r+%26+d&from=2026-03-01&to=2026-03-02', [paid]],
      ['?status=PAID&customer=grace@example.com', []],
    ] as const) {
      expect(idsOf(await list(query)), query).to.deep.equal(found);
    }
  });

  it("are nobody else's: another storefront's are not there, whatever is asked for and whatever the cursor", async () => {
    const other = await createStorefront(web.database, 'Other');
    for (let at = 0; at < 3; at++) await make({ storefrontId: own, reference: 'one' });
    const theirs = await make({ storefrontId: other.id, reference: 'one' });
    const authorization = `Bearer ${other.key}`;
    for (const query of ['', '?reference=one', '?customer=ada@example.com', '?status=INITIATED', '?from=2020-01-01'])
      expect(idsOf(await list(query, { authorization })), query).to.deep.equal([theirs]);
    const { body } = await list('?limit=2');
    const stolen = await list(`?limit=2&cursor=${body['nextCursor']}`, { authorization });
    expect([stolen.status, stolen.body['code']]).to.deep.equal([422, 'request.invalid']);
  });

  it('are not listed for what cannot be meant: other parameters, statuses, times or cursors', async () => {
    for (let at = 0; at < 2; at++) await make({ storefrontId: own });
    const cursor = String((await list('?limit=1')).body['nextCursor']);
    for (const [query, parameter] of [
      ['?page=2', 'page'],
      ['?status=LOST', 'status'],
      ['?status=PAID&status=SHIPPED', 'status'],
      ['?customer=ada', 'customer'],
      ['?reference=%00', 'reference'],
      ['?from=yesterday', 'from'],
      ['?from=2026-03-01T08:00:00', 'from'],
      ['?to=2026-13-01', 'to'],
      ['?from=2026-03-02&to=2026-03-02', 'to'],
      ['?cursor=', 'cursor'],
      ['?cursor=garbage', 'cursor'],
      [`?cursor=${cursor.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`, 'cursor'],
      [`?status=INITIATED&cursor=${cursor}`, 'cursor'],
    ] as const) {
      expect(await faultsOf(query), query).to.deep.equal([422, 'request.invalid', [parameter]]);
    }
  });

  it('are not sent again while none of them has changed', async () => {
    const id = await make({ storefrontId: own });
    const etag = (await list()).headers.get('etag') ?? '';
    expect((await list('', { 'if-none-match': etag })).status).to.equal(304);
    await web.database.query({ text: "update orders set status = 'PAID' where id = $1", values: [id] });
    expect((await list('', { 'if-none-match': etag })).status).to.equal(200);
  });

  it('are found by indexes, and of those that no index finds a bounded number is looked at', async () => {
    await web.database.query({
      text: `insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
             select (lpad(to_hex(1767225600000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
               case when n % 50 = 0 then $1::uuid else gen_random_uuid() end, 'web-' || n,
               jsonb_build_object('name', 'Ada', 'email', 'ada' || n || '@example.com'), '{}', '[]', 1, 'GBP', 'SHIPPED', '', '', '', 1
             from generate_series(1, 20000) as n`,
      values: [own],
    });
    await web.database.query({ text: 'analyze orders' });
    const planOf = async (filter: OrderFilter): Promise<string> => {
      const explaining = new Explaining(web.database);
      const page = { limit: 20, before: v7(), looksAtMost: 4000 };
      await findOrders({ database: explaining, keyring: testKeyring }, { storefrontId: own, ...filter }, page);
      return explaining.plan;
    };
    for (const [filter, index] of [
      [{}, 'orders_of_storefront'],
      [{ from: new Date(0), to: new Date() }, 'orders_of_storefront'],
      [{ reference: 'web-50' }, 'orders_reference'],
      [{ email: 'ada50@example.com' }, 'orders_plain_email'],
      [{ status: 'PAID' }, 'orders_of_storefront'],
    ] as const) {
      const plan = await planOf(filter);
      expect(plan, JSON.stringify(filter)).to.contain(index).and.not.contain('Seq Scan');
    }
    // Of 400 orders none is paid: a page ends where the look ends, and the next goes on from there.
    const seen = await findOrders(
      { database: web.database, keyring: testKeyring },
      { storefrontId: own, status: 'PAID' },
      { limit: 20, before: undefined, looksAtMost: 100 },
    );
    expect(seen.orders).to.deep.equal([]);
    expect(seen.more).to.be.a('string');
  });
});
