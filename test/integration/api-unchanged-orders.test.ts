import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

describe('an order that is read again', () => {
  const web = intakePerTest();
  let path: string;
  let id: string;

  beforeEach(async () => {
    await stockCatalogue(web.database);
    const { body } = await web.intake.call('POST', '/orders', {
      headers: { 'idempotency-key': v7() },
      body: orderBody,
    });
    id = String(body['orderId']);
    path = `/orders/${id}`;
  });

  const read = (etag?: string, method = 'GET'): Promise<Answer> =>
    web.intake.call(method, path, { headers: etag === undefined ? {} : { 'if-none-match': etag } });
  const etagOf = ({ headers }: Answer): string => String(headers.get('etag'));

  it('is not sent while it has not changed, whatever way its tag is told', async () => {
    const first = await read();
    const etag = etagOf(first);
    expect(etag).to.match(/^"[\w-]{22}"$/);
    expect(first.headers.get('cache-control')).to.equal('private, no-cache');
    expect(first.headers.get('vary')).to.equal('authorization');
    for (const told of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const again = await read(told, method);
        expect([again.status, again.body], `${method} ${told}`).to.deep.equal([304, {}]);
        for (const header of ['etag', 'cache-control', 'vary'])
          expect(again.headers.get(header), header).to.equal(first.headers.get(header));
        expect(again.headers.get('content-type')).to.equal(null);
      }
    }
    for (const told of ['"other"', etag.slice(1, -1), '']) expect((await read(told)).status, told).to.equal(200);
  });

  it('is sent when anything of it has changed that it shows', async () => {
    const seen = [etagOf(await read())];
    for (const text of [
      "update orders set status = 'CANCELLED' where id = $1",
      "update orders set cancel_reason = 'customer' where id = $1",
      "update payments set status = 'declined', token = null where order_id = $1",
      "update payments set reason = 'insufficient_funds' where order_id = $1",
      `insert into reservations (order_id, storefront_id, status, lines, version)
       select id, storefront_id, 'reserved', '[]', 1 from orders where id = $1`,
      "update reservations set status = 'released' where order_id = $1",
      "insert into shipments (order_id, status, version) values ($1, 'cancelling', 1)",
      "update shipments set tracking_number = 'SBX1' where order_id = $1",
      "insert into emails (id, recipient, message_id, sent_at, version) values ($1::text || ':cancelled', 'a', 'b', now(), 1)",
      `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
       select '${v7()}', 'inventory.stock-released', 1, $1::uuid, 'test', now(), '{}'`,
    ]) {
      await web.database.query({ text, values: [id] });
      const answer = await read(seen.join(', '));
      expect(answer.status, text).to.equal(200);
      seen.push(etagOf(answer));
    }
    expect(new Set(seen).size).to.equal(seen.length);
    expect((await read(seen.at(-1))).status).to.equal(304);
  });

  it('is known from the 201 that it was placed with', async () => {
    await web.database.query({ text: "update orders set status = 'CONFIRMED' where id = $1", values: [id] });
    const headers = { 'idempotency-key': 'awaited', prefer: 'wait=25' };
    const confirmed = until('it is confirmed', async () => {
      const text = "update orders set status = 'CONFIRMED' where status = 'INITIATED'";
      return (await web.database.query({ text })).rowCount === 1;
    });
    const placed = await web.intake.call('POST', '/orders', { headers, body: orderBody });
    await confirmed;
    path = String(placed.headers.get('content-location'));
    expect((await read(etagOf(placed))).status).to.equal(304);
  });

  it("is not there for another's key, whatever tag it tells, and a refusal has none", async () => {
    path = `/orders/${v7()}`;
    const answer = await read('*');
    expect([answer.status, answer.headers.get('etag')]).to.deep.equal([404, null]);
  });
});
