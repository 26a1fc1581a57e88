import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { forgetIdempotencyKeys } from '../../shared/postgres/retention.js';
import { IDEMPOTENCY_KEY_DAYS } from '../../workers/scheduler/maintenance.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';
import { WebProcess } from '../support/web-process.js';

const unknownSku = { ...orderBody, lines: [{ sku: 'NOPE', quantity: 1 }] };
const mixed = {
  ...orderBody,
  lines: [
    { sku: 'CUP', quantity: 1 },
    { sku: 'HAT', quantity: 1 },
  ],
};

describe('a request for an order that is repeated', () => {
  let store: TestDatabase;
  let key: string;
  const webs: WebProcess[] = [];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
    key = (await createStorefront(store.database, 'Shop')).key;
    await stockCatalogue(store.database);
  });
  afterEach(async () => {
    for (const web of webs.splice(0)) await web.kill();
  });

  const start = async (environment: Record<string, string> = {}): Promise<WebProcess> => {
    const web = new WebProcess({ DATABASE_URL: store.url, ...environment });
    webs.push(web);
    await web.url();
    return web;
  };
  /** As a storefront does that is told to come again later. */
  const place = async (web: WebProcess, idempotencyKey: string, body: unknown = orderBody): Promise<Told> => {
    const response = await fetch(`${await web.url()}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const { headers, status } = response;
    const { code, orderId } = JSON.parse(text) as { readonly code?: string; readonly orderId?: string };
    if (code === 'intake.overloaded') return place(web, idempotencyKey, body);
    return { status, text, code, orderId, replayed: headers.get('idempotency-replayed'), headers };
  };
  const orders = async (): Promise<number> => {
    const { rows } = await store.database.query<{ count: number }>({ text: 'select count(*) as count from orders' });
    return rows[0]?.count ?? Number.NaN;
  };
  /** Stops the process while it has claimed a key and stored nothing. Its answer is yet to come. */
  const stoppedWhilePlacing = async (web: WebProcess, idempotencyKey: string) => {
    let first: Promise<Told> | undefined;
    await store.database.transaction(async (transaction) => {
      await transaction.query({ text: 'lock table products in access exclusive mode' });
      first = place(web, idempotencyKey);
      first.catch(() => undefined);
      await until('it has claimed the key', async () => {
        const { rowCount } = await transaction.query({
          text: "select from pg_locks where not granted and relation = 'products'::regclass",
        });
        return rowCount > 0;
      });
      web.signal('SIGSTOP');
    });
    if (first === undefined) throw new TypeError('it is under way');
    return { answer: first };
  };

  it('is told at once, by another process, that the first has no answer yet; others are not held up; and gets its answer then', async () => {
    const [one, other] = [await start(), await start()];
    const first = await stoppedWhilePlacing(one, 'same');
    const [again, another] = await Promise.all([place(other, 'same'), place(other, 'another')]);
    expect([again.status, again.code, again.headers.get('retry-after')]).to.deep.equal([
      409,
      'request.idempotency-key-in-flight',
      '1',
    ]);
    expect(another.status).to.equal(202);
    one.signal('SIGCONT');
    const { status, replayed, orderId } = await first.answer;
    expect([status, replayed]).to.deep.equal([202, null]);
    const then = await place(other, 'same');
    expect([then.status, then.replayed, then.orderId]).to.deep.equal([202, 'true', orderId]);
    expect(await orders()).to.equal(2);
  });

  it('is placed by another process when the first died before it was committed', async () => {
    const [one, other] = [await start(), await start()];
    const first = await stoppedWhilePlacing(one, 'same');
    await one.kill();
    await expectFailure(first.answer);
    const answer = await until('PostgreSQL notices', async () => {
      const answer = await place(other, 'same');
      return answer.status === 409 ? undefined : answer;
    });
    expect([answer.status, answer.replayed]).to.deep.equal([202, null]);
    expect(await orders()).to.equal(1);
  });

  it('gets the order that was committed by a process which died before it answered', async () => {
    const dying = await start({ FAILPOINT: 'intake-committed' });
    await expectFailure(place(dying, 'same'));
    const { status, replayed, orderId } = await place(await start(), 'same');
    expect([status, replayed]).to.deep.equal([202, 'true']);
    const { rows } = await store.database.query<{ id: string }>({ text: 'select id from orders' });
    expect(rows).to.deep.equal([{ id: orderId }]);
  });

  it('makes one order of pairs that arrive at the same moment at two processes', async () => {
    const [one, other] = [await start(), await start()];
    const keys = Array.from({ length: 50 }, (_, at) => `pair-${at}`);
    const answers = await Promise.all(keys.flatMap((key) => [place(one, key), place(other, key)]));
    for (const { status, code } of answers) {
      expect([202, 409]).to.include(status);
      if (status === 409) expect(code).to.equal('request.idempotency-key-in-flight');
    }
    expect(answers.filter(({ status, replayed }) => status === 202 && replayed === null)).to.have.length(50);
    expect(await orders()).to.equal(50);
  });

  for (const [what, body, mend] of [
    ['a SKU that is unknown', unknownSku, ['NOPE', 'GBP']],
    ['two currencies', mixed, ['HAT', 'GBP']],
  ] as const) {
    it(`is refused for ${what} to the byte as before, by any process, when the catalogue would take it by now`, async () => {
      const [one, other] = [await start(), await start()];
      const first = await place(one, 'same', body);
      expect([first.status, first.replayed]).to.deep.equal([422, null]);
      const [sku, currency] = mend;
      await fetch(`${await one.url()}/stock/${sku}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Mended', price: { amount: 100, currency } }),
      });
      const again = await place(other, 'same', Object.fromEntries(Object.entries(body).reverse()));
      expect([again.status, again.text, again.replayed]).to.deep.equal([422, first.text, 'true']);
      expect(again.headers.get('content-type')).to.equal(first.headers.get('content-type'));
      expect((await place(other, 'same')).code).to.equal('request.idempotency-key-reused');
      expect((await place(other, 'new', body)).status).to.equal(202);
      expect(await orders()).to.equal(1);
    });
  }

  it('is bound to nothing by a body that does not fit', async () => {
    const web = await start();
    expect((await place(web, 'same', { ...orderBody, lines: [] })).status).to.equal(422);
    const { status, replayed } = await place(web, 'same');
    expect([status, replayed]).to.deep.equal([202, null]);
  });

  it('is a repetition for seven days, and then a request of its own', async () => {
    const web = await start();
    const placed = [await place(web, 'kept'), await place(web, 'kept-refusal', unknownSku)];
    await place(web, 'old');
    await place(web, 'old-refusal', unknownSku);
    await store.database.query({
      text: `update idempotency_keys set created_at = now() - interval '7 days'
               + case when key like 'old%' then interval '-1 minute' else interval '1 minute' end`,
    });
    expect(await forgetIdempotencyKeys(store.database, IDEMPOTENCY_KEY_DAYS)).to.equal(2);
    const kept = [await place(web, 'kept'), await place(web, 'kept-refusal', unknownSku)];
    expect(kept.map(({ text, replayed }) => [text, replayed])).to.deep.equal(placed.map(({ text }) => [text, 'true']));
    const anew = [await place(web, 'old'), await place(web, 'old-refusal')];
    expect(anew.map(({ status, replayed }) => [status, replayed])).to.deep.equal([
      [202, null],
      [202, null],
    ]);
  });
});

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly code: string | undefined;
  readonly orderId: string | undefined;
  readonly replayed: string | null;
}

/** No answer came. */
async function expectFailure(answer: Promise<unknown>): Promise<void> {
  const outcome = await answer.then(
    () => 'an answer',
    () => 'no answer',
  );
  expect(outcome).to.equal('no answer');
}
