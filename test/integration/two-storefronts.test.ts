import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

/** Event streams, and waits. */
const PLACES = 8;

describe('two storefronts', () => {
  const web = intakePerTest(() => ({ awaitedAtMost: PLACES, parts: { streamsAtMost: PLACES } }));
  /** Of the second; `web.intake.call` speaks for the first. */
  let headers: Record<string, string>;

  beforeEach(async () => {
    headers = { authorization: `Bearer ${(await createStorefront(web.database, 'Second')).key}` };
    await stockCatalogue(web.database);
  });

  const place = (key: string, given: Record<string, string> = {}): Promise<Answer> =>
    web.intake.call('POST', '/orders', { headers: { 'idempotency-key': key, ...given }, body: orderBody });

  it('are told of an order of the other what they are told of none', async () => {
    const theirs = (await place('one')).body['orderId'];
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
    ]) {
      const asked = await web.intake.call(String(method), `/orders/${theirs}${path}`, { headers });
      const unknown = await web.intake.call(String(method), `/orders/${v7()}${path}`, { headers });
      expect([asked.status, asked.body['code']], `${method} ${path}`).to.deep.equal([404, 'order.not-found']);
      expect(asked.body, `${method} ${path}`).to.deep.equal(unknown.body);
    }
    const stream = await web.intake.stream('GET', `/orders/${theirs}/events`, {
      headers: { ...headers, accept: 'text/event-stream' },
    });
    expect([stream.status, await stream.json()]).to.have.nested.property('[1].code', 'order.not-found');
    const { rows } = await web.database.query({ text: 'select distinct type from event_log' });
    expect(rows, 'no wish was passed on').to.deep.equal([{ type: 'orders.order-placed' }]);
  });

  it('are listed their own orders only, whatever they ask for', async () => {
    const ours = (await place('one')).body['orderId'];
    const theirs = (await place('one', headers)).body['orderId'];
    for (const query of ['', '?customer=ada%40example.com', '?status=INITIATED']) {
      const [first, second] = await Promise.all([
        web.intake.call('GET', `/orders${query}`),
        web.intake.call('GET', `/orders${query}`, { headers }),
      ]);
      expect([first.body, second.body], query).to.have.nested.property('[0].items.length', 1);
      expect([first.body, second.body], query).to.have.nested.property('[0].items[0].orderId', ours);
      expect([first.body, second.body], query).to.have.nested.property('[1].items.length', 1);
      expect([first.body, second.body], query).to.have.nested.property('[1].items[0].orderId', theirs);
    }
  });

  it('have places to listen and to wait, however many the other takes', async () => {
    const orderIds = {
      ours: (await place('one')).body['orderId'],
      theirs: (await place('one', headers)).body['orderId'],
    };
    const aborting = new AbortController();
    const listen = (orderId: unknown, given = {}): Promise<Response> =>
      web.intake.stream('GET', `/orders/${orderId}/events`, {
        headers: { ...given, accept: 'text/event-stream' },
        signal: aborting.signal,
      });
    const all = async (asked: readonly Promise<Response>[]): Promise<number[]> =>
      (await Promise.all(asked)).map(({ status }) => status).sort();
    const ours = await all(Array.from({ length: PLACES }, () => listen(orderIds.ours)));
    expect(ours).to.deep.equal([200, 200, 200, 200, 429, 429, 429, 429]);
    const refused = await listen(orderIds.ours);
    expect([refused.headers.get('retry-after'), await refused.json()]).to.have.nested.property(
      '[1].code',
      'order.too-many-streams',
    );
    expect(Number(refused.headers.get('retry-after'))).to.be.above(0);
    expect(await all([listen(orderIds.theirs, headers), listen(orderIds.theirs, headers)])).to.deep.equal([200, 200]);

    const wait = { prefer: 'wait=25' };
    const waiting = Array.from({ length: PLACES }, (_, n) => place(`wait-${n}`, wait));
    const areAwaited = (count: number) =>
      until(`${count} are waited for`, async () => {
        return (await register.metrics()).includes(`\nwarren_orders_awaited ${count}\n`);
      });
    await areAwaited(PLACES / 2);
    const theirs = place('two', { ...headers, ...wait });
    await areAwaited(PLACES / 2 + 1);
    await web.database.query({ text: "update orders set status = 'CONFIRMED'" });
    expect((await theirs).status).to.equal(201);
    expect((await Promise.all(waiting)).map(({ status }) => status).sort()).to.deep.equal([
      ...[201, 201, 201, 201],
      ...[202, 202, 202, 202],
    ]);
    aborting.abort();
  });

  it('have a catalogue and stock each: neither sees, reprices or restocks a product of the other', async () => {
    const put = (sku: string, amount: number, given: Record<string, string> = {}) =>
      web.intake.call('PUT', `/stock/${sku}`, {
        headers: given,
        body: { name: `for ${amount}`, price: { amount, currency: 'GBP' } },
      });
    const receive = (sku: string, quantity: number, given: Record<string, string> = {}) =>
      web.intake.call('POST', `/stock/${sku}/receipts`, {
        headers: { 'idempotency-key': 'same', ...given },
        body: { quantity },
      });
    const seen = async (path: string, given: Record<string, string> = {}) =>
      (await web.intake.call('GET', `/stock${path}`, { headers: given })).body;
    const skus = async (given: Record<string, string> = {}) =>
      (await seen('', given))['items'] as readonly { readonly sku: string }[];

    expect((await put('KEG', 500)).status).to.equal(201);
    expect((await receive('KEG', 100)).status).to.equal(201);
    const ours = await seen('/KEG');
    for (const answer of [
      await web.intake.call('GET', '/stock/KEG', { headers }),
      await receive('KEG', 5, headers),
      await web.intake.call('POST', '/orders', {
        headers: { 'idempotency-key': 'keg', ...headers },
        body: { ...orderBody, lines: [{ sku: 'KEG', quantity: 1 }] },
      }),
    ])
      expect(answer.body['code']).to.be.oneOf(['stock.not-found', 'order.unknown-sku']);
    expect((await skus(headers)).map(({ sku }) => sku)).not.to.include('KEG');

    expect((await put('KEG', 999, headers)).status, 'it is new to them').to.equal(201);
    expect((await receive('KEG', 5, headers)).body).to.include({ onHand: 5 });
    expect(await seen('/KEG')).to.deep.equal(ours);
    expect(await seen('/KEG', headers)).to.deep.include({ name: 'for 999', onHand: 5 });
    expect((await skus()).filter(({ sku }) => sku === 'KEG')).to.deep.equal([ours]);
  });

  it('are charged the price of their own, also when their orders are stored together', async () => {
    await web.intake.call('PUT', '/stock/CUP', {
      headers,
      body: { name: 'Cup', price: { amount: 1, currency: 'EUR' } },
    });
    const wanted = { ...orderBody, lines: [{ sku: 'CUP', quantity: 3 }] };
    const orders = await Promise.all(
      Array.from({ length: 8 }, (_, at) => {
        const given = at % 2 === 0 ? {} : headers;
        const all = { 'idempotency-key': `order-${at}`, ...given };
        return web.intake.call('POST', '/orders', { headers: all, body: wanted }).then(({ body }) => ({ body, given }));
      }),
    );
    for (const { body, given } of orders) {
      const order = await web.intake.call('GET', `/orders/${body['orderId']}`, { headers: given });
      const price = given === headers ? { amount: 3, currency: 'EUR' } : { amount: 2550, currency: 'GBP' };
      expect(order.body['total']).to.deep.equal(price);
    }
  });

  it('use the same idempotency key for an order each, also when they are stored together', async () => {
    const [first, second] = await Promise.all([place('same'), place('same', headers)]);
    expect([first?.status, second?.status]).to.deep.equal([202, 202]);
    expect(first?.body['orderId']).not.to.equal(second?.body['orderId']);
    for (const [before, given] of [
      [first, {}],
      [second, headers],
    ] as const) {
      const again = await place('same', given);
      expect([again.status, again.body['orderId']]).to.deep.equal([202, before?.body['orderId']]);
    }
    const { rows } = await web.database.query({
      text: `select count(*) from orders join idempotency_keys as claim on claim.order_id = orders.id
             where claim.storefront_id = orders.storefront_id`,
    });
    expect(rows).to.deep.equal([{ count: 2 }]);
  });
});
