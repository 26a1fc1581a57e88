import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

/** What becomes of an order's key, by the error that follows. */
const LOST = {
  'secret.key-missing': `update order_keys set sealed_key = 'lost.' || split_part(sealed_key, '.', 2) where order_id = $1`,
  'secret.unreadable': `update order_keys set sealed_key = (select sealed_key from order_keys where order_id <> $1) where order_id = $1`,
  'person.erased': 'delete from order_keys where order_id = $1',
};

describe('an order whose key is missing', () => {
  const web = intakePerTest();
  beforeEach(() => stockCatalogue(web.database));

  const get = (path: string): Promise<Answer> => web.intake.call('GET', path);
  const place = (reference: string, prefer: string): Promise<Answer> =>
    web.intake.call('POST', '/orders', {
      headers: { 'idempotency-key': v7(), prefer },
      body: { ...orderBody, reference },
    });
  const rows = async <R extends object>(text: string, ...values: string[]): Promise<R[]> =>
    (await web.database.query<R>({ text, values })).rows;
  const stored = (reference: string): Promise<string> =>
    until(`${reference} is stored`, async () => {
      const [order] = await rows<{ id: string }>('select id from orders where reference = $1', reference);
      return order?.id;
    });
  const customersIn = ({ status, body }: Answer) => {
    expect(status).to.equal(200);
    const items = body['items'] as readonly Record<string, unknown>[];
    return Object.fromEntries(
      items.map(({ reference, customerUnread, ...item }) => [
        reference,
        { customer: 'email' in item ? item['email'] : item['customer'], customerUnread },
      ]),
    );
  };

  for (const [code, loseKey] of Object.entries(LOST)) {
    it(`keeps nobody else from theirs (${code})`, async () => {
      const waiting = { lost: place('lost', 'wait=25'), kept: place('kept', 'wait=25') };
      const [lost, kept] = [await stored('lost'), await stored('kept')];
      await rows(loseKey, lost);
      const begunAt = performance.now();
      await rows("update orders set status = 'CONFIRMED'");

      const told = await waiting.kept;
      expect([told.status, told.body['customer']]).to.deep.equal([201, orderBody.customer]);
      const untold = await waiting.lost;
      expect([untold.status, untold.body['orderId']]).to.deep.equal([202, lost]);
      expect(untold.headers.get('preference-applied')).to.equal(null);
      expect(performance.now() - begunAt, 'neither waits to the end').to.be.below(10_000);

      expect(customersIn(await get('/orders'))).to.deep.equal({
        lost: { customer: null, customerUnread: true },
        kept: { customer: orderBody.customer, customerUnread: undefined },
      });
      const headers = { authorization: `Bearer ${await web.operatorKey('viewer')}` };
      expect(customersIn(await web.intake.call('GET', '/operator/orders', { headers }))).to.deep.equal({
        lost: { customer: null, customerUnread: true },
        kept: { customer: orderBody.customer.email, customerUnread: undefined },
      });

      for (const path of [`/orders/${lost}`, `/operator/orders/${lost}`]) {
        const refused = await web.intake.call('GET', path, path.startsWith('/operator') ? { headers } : {});
        expect([refused.status, refused.body['code']]).to.deep.equal([503, 'order.persons-unread']);
        // What is damaged waits for somebody, and no time mends it.
        expect(refused.headers.get('retry-after')).to.equal(code === 'secret.key-missing' ? '60' : null);
        const remedy = code === 'secret.key-missing' ? 'ENCRYPTION_KEYS' : 'backup';
        expect(refused.body['detail']).to.include(lost).and.to.include(remedy);
      }
      expect((await get(`/orders/${kept}`)).status).to.equal(200);
    });
  }

  it('is shown as ever once the key is back', async () => {
    const { body } = await place('lost', 'respond-async');
    const path = `/orders/${body['orderId']}`;
    const before = await get(path);
    const [key] = await rows<{ sealed_key: string }>('select sealed_key from order_keys');
    await rows(LOST['secret.key-missing'], String(body['orderId']));
    expect((await get(path)).status).to.equal(503);
    await rows('update order_keys set sealed_key = $1', String(key?.sealed_key));
    expect((await get(path)).body).to.deep.equal(before.body);
    expect(customersIn(await get('/orders'))).to.deep.equal({
      lost: { customer: orderBody.customer, customerUnread: undefined },
    });
  });
});
