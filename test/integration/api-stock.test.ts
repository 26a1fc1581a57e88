import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';

describe('the catalogue and its stock', () => {
  const web = intakePerTest();

  const cup = { name: 'Enamel cup', price: { amount: 850, currency: 'GBP' } };
  const put = (sku: string, body: unknown = cup): Promise<Answer> =>
    web.intake.call('PUT', `/stock/${encodeURIComponent(sku)}`, { body });
  const receive = (sku: string, key: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
    web.intake.call('POST', `/stock/${encodeURIComponent(sku)}/receipts`, {
      headers: { 'idempotency-key': key, ...headers },
      body,
    });
  const movements = async (sku: string) => {
    const { rows } = await web.database.query({
      text: 'select kind, quantity, reference, order_id from stock_movements where sku = $1 order by id',
      values: [sku],
    });
    return rows;
  };

  it('makes a product once, then names and prices it anew, and leaves its pieces alone', async () => {
    const made = await put('CUP');
    expect([made.status, made.body]).to.deep.equal([201, { sku: 'CUP', ...cup, onHand: 0, reserved: 0, shipped: 0 }]);
    await receive('CUP', 'one', { quantity: 7 });
    const dearer = { name: 'Enamel cup, blue', price: { amount: 900, currency: 'EUR' } };
    const changed = await put('CUP', dearer);
    expect([changed.status, changed.body]).to.deep.equal([
      200,
      { sku: 'CUP', ...dearer, onHand: 7, reserved: 0, shipped: 0 },
    ]);
    expect((await web.intake.call('GET', '/stock/CUP')).body).to.deep.equal(changed.body);
  });

  it('takes SKUs as shops write them', async () => {
    for (const sku of ['85123A', 'BANK CHARGES', 'gift_0001_40', 'a/b', 'é%', '料'.repeat(64)]) {
      expect((await put(sku)).status, sku).to.equal(201);
      expect((await web.intake.call('GET', `/stock/${encodeURIComponent(sku)}`)).body, sku).to.include({ sku });
    }
  });

  it('refuses a product that cannot be sold', async () => {
    for (const [body, pointer] of [
      [{ ...cup, price: { amount: -1, currency: 'GBP' } }, '/price/amount'],
      [{ ...cup, price: { amount: 1.5, currency: 'GBP' } }, '/price/amount'],
      [{ ...cup, price: { amount: 2 ** 53, currency: 'GBP' } }, '/price/amount'],
      [{ ...cup, price: { amount: 1, currency: 'gbp' } }, '/price/currency'],
      [{ ...cup, price: { amount: 1, currency: 'ZZZ' } }, '/price/currency'],
      [{ ...cup, name: 'two\nlines' }, '/name'],
      [{ ...cup, onHand: 5 }, '/onHand'],
    ] as const) {
      const answer = await put('CUP', body);
      expect([answer.status, answer.body['code']], JSON.stringify(body)).to.deep.equal([422, 'request.invalid']);
      expect(answer.body).to.have.nested.property('errors[0].pointer', pointer);
    }
    const long = await put('A'.repeat(65));
    expect(long.status).to.equal(422);
    expect(long.body).to.have.nested.property('errors[0].parameter', 'sku');
    expect((await web.intake.call('GET', '/stock')).body).to.deep.equal({ items: [] });
  });

  it('has no product that no path can name, as clients make something else of the path', async () => {
    const { port } = new URL(web.intake.url);
    for (const part of ['.', '..', '%2e', '%2E%2e']) {
      const headers = { authorization: `Bearer ${web.intake.key}`, 'content-type': 'application/json' };
      const asked = request({ port, method: 'PUT', path: `/stock/${part}`, headers }).end(JSON.stringify(cup));
      const [{ statusCode }] = (await once(asked, 'response')) as [IncomingMessage];
      expect(statusCode, part).to.equal(422);
    }
    expect((await web.intake.call('GET', '/stock')).body['items']).to.deep.equal([]);
  });

  it('books every receipt with its movement, however many come at once', async () => {
    await put('CUP');
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => receive('CUP', `key-${at}`, { quantity: at + 1, reference: `PO ${at}` })),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect((await web.intake.call('GET', '/stock/CUP')).body).to.include({ onHand: 820 });
    const booked = await movements('CUP');
    expect(booked).to.have.length(40);
    expect(booked[0]).to.include({ kind: 'received', order_id: null });
    const { rows } = await web.database.query({
      text: `select level.version, level.on_hand = (select sum(quantity) from stock_movements) as agrees from stock_levels as level`,
    });
    expect(rows).to.deep.equal([{ version: 41, agrees: true }]);
  });

  it('books a receipt once per key and storefront, and answers its repetitions as the first', async () => {
    await put('CUP');
    const answers = await Promise.all(Array.from({ length: 12 }, () => receive('CUP', 'same', { quantity: 5 })));
    for (const { status, body } of answers) expect([status, body['onHand']]).to.deep.equal([201, 5]);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).to.have.length(1);
    await receive('CUP', 'next', { quantity: 1 });
    expect((await receive('CUP', 'same', { quantity: 5 })).body).to.deep.equal(answers[0]?.body);
    const other = await receive('CUP', 'same', { quantity: 6 });
    expect([other.status, other.body['code']]).to.deep.equal([422, 'request.idempotency-key-reused']);
    const headers = { authorization: `Bearer ${(await createStorefront(web.database, 'Other')).key}` };
    await web.intake.call('PUT', '/stock/CUP', { headers, body: cup });
    const stranger = await receive('CUP', 'same', { quantity: 6 }, headers);
    expect([stranger.status, stranger.body['onHand']]).to.deep.equal([201, 6]);
    expect(await movements('CUP')).to.have.length(3);
  });

  it('books nothing for a product that is not there, and leaves the key free', async () => {
    expect((await receive('CUP', 'one', { quantity: 5 })).status).to.equal(404);
    expect(await movements('CUP')).to.deep.equal([]);
    await put('CUP');
    expect((await receive('CUP', 'one', { quantity: 5 })).status).to.equal(201);
  });

  it('refuses a receipt without a key or with a quantity that is none', async () => {
    await put('CUP');
    expect((await web.intake.call('POST', '/stock/CUP/receipts', { body: { quantity: 1 } })).status).to.equal(400);
    for (const quantity of [0, -1, 1.5, '1', 1_000_001, null])
      expect((await receive('CUP', 'one', { quantity })).status, String(quantity)).to.equal(422);
    expect(await movements('CUP')).to.deep.equal([]);
  });

  it('is listed whole, page by page', async () => {
    const skus = Array.from({ length: 23 }, (_, at) => `SKU-${at} /é`);
    await Promise.all(skus.map((sku) => put(sku)));
    const seen: string[] = [];
    let path = '/stock?limit=10';
    const sizes: number[] = [];
    for (;;) {
      const { status, body } = await web.intake.call('GET', path);
      expect(status).to.equal(200);
      const { items, nextCursor } = body as { items: { sku: string }[]; nextCursor?: string };
      sizes.push(items.length);
      seen.push(...items.map(({ sku }) => sku));
      if (nextCursor === undefined) break;
      path = `/stock?limit=10&cursor=${encodeURIComponent(nextCursor)}`;
    }
    expect(sizes).to.deep.equal([10, 10, 3]);
    expect([...seen].sort()).to.deep.equal([...skus].sort());
  });

  it('is not listed by what is no limit or cursor', async () => {
    for (const [query, parameter] of [
      ['limit=0', 'limit'],
      ['limit=1001', 'limit'],
      ['limit=ten', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['cursor=!', 'cursor'],
      ['page=2', 'page'],
    ]) {
      const { status, body } = await web.intake.call('GET', `/stock?${query}`);
      expect(status, query).to.equal(422);
      expect(body).to.have.nested.property('errors[0].parameter', parameter);
    }
  });
});
