import { expect } from 'chai';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';

describe('two storefronts', () => {
  const web = intakePerTest();
  /** Of the second; `web.intake.call` speaks for the first. */
  let headers: Record<string, string>;

  beforeEach(async () => {
    await stockCatalogue(web.database);
    headers = { authorization: `Bearer ${(await createStorefront(web.database, 'Second')).key}` };
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
