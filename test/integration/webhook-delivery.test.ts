import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { spreadEvents } from '../../workers/webhooks/spread.js';
import { forget } from '../../workers/webhooks/upkeep.js';
import { type Received } from '../support/webhook-receiver.js';
import { webhooksPerTest } from '../support/webhooks-per-test.js';

const DAY_MS = 86_400_000;

describe('the delivery of webhooks', () => {
  const hooks = webhooksPerTest();
  const { web, post, endpointAt, test, rotated, seen, settled, makeDue, endpoint, happened } = hooks;

  it('is signed so that another implementation of the specification takes it, and says whose order it is and not who bought', async () => {
    const { secret } = await endpointAt('/hooks');
    const orderId = await happened('order.shipped', 'web-1001');
    expect(await spreadEvents(web.database)).to.equal(1);
    expect(await hooks.deliverer.begin()).to.equal(1);
    const [first] = await hooks.receiver.got('/hooks', 1);
    const { headers, body } = first as Received;
    const verified = new Webhook(secret).verify(body, headers) as Record<string, unknown>;
    expect(verified['data']).to.deep.equal({ orderId, reference: 'web-1001', status: 'SHIPPED' });
    expect(verified['type']).to.equal('order.shipped');
    expect(body).not.to.match(/ada/i);
    expect(headers['content-type']).to.equal('application/json');
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).to.throw();
  });

  it('is signed with both secrets while they are rotated, and with the new one alone afterwards', async () => {
    const made = await endpointAt('/hooks');
    const renewed = await rotated(made);
    expect(renewed.secret).not.to.equal(made.secret);
    expect((await endpoint(made))['previousSecretUntil']).to.be.a('string');
    await test(made);
    await hooks.deliverer.begin();
    const [during] = await hooks.receiver.got('/hooks', 1);
    for (const secret of [made.secret, renewed.secret])
      new Webhook(secret).verify(during?.body ?? '', during?.headers ?? {});
    await web.database.query({ text: 'update webhook_endpoints set previous_until = now()' });
    await test(made);
    await hooks.deliverer.begin();
    const [, after] = await hooks.receiver.got('/hooks', 2);
    new Webhook(renewed.secret).verify(after?.body ?? '', after?.headers ?? {});
    expect(() => new Webhook(made.secret).verify(after?.body ?? '', after?.headers ?? {})).to.throw(
      'No matching signature',
    );
    const at_once = (await post(`/webhooks/endpoints/${made.id}/rotate-secret`, { keepForS: 0 }, 200)) as Record<
      string,
      unknown
    >;
    expect(at_once).not.to.have.property('previousSecretUntil');
  });

  it('is tried again after a failure and after no answer, under the same id, with a fresh timestamp and the same body', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', 500);
    const id = await test(made);
    await hooks.deliverer.begin();
    expect((await settled(id, 1)).log[0]).to.include({ status: 500, error: 'status' });
    expect(await hooks.deliverer.begin(), 'it is not due yet').to.equal(0);
    hooks.receiver.answer('/hooks', () => undefined);
    await makeDue();
    await hooks.deliverer.begin();
    expect((await settled(id, 2)).log[1]).to.include({ error: 'timeout' });
    hooks.receiver.answer('/hooks', 200);
    await makeDue();
    await hooks.deliverer.begin();
    const last = await settled(id, 3);
    expect(last).to.include({ status: 'delivered', attempts: 3 });
    const got = hooks.receiver.at('/hooks');
    expect(got).to.have.length(3);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
    expect(new Set(got.map(({ body }) => body)).size).to.equal(1);
    for (const { body, headers } of got) new Webhook(made.secret).verify(body, headers);
  });

  it('has failed when its attempts are used up, and a replay has all of them before it, under the same id', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', 503);
    const id = await test(made);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await makeDue();
      expect(await hooks.deliverer.begin()).to.equal(1);
      await settled(id, attempt);
    }
    expect(await seen(id)).to.include({ status: 'failed', attempts: 8 });
    await makeDue();
    expect(await hooks.deliverer.begin()).to.equal(0);
    hooks.receiver.answer('/hooks', 200);
    expect(await post(`/webhooks/deliveries/${id}/replay`)).to.include({ status: 'pending', attempts: 0 });
    await hooks.deliverer.begin();
    expect(await settled(id, 9)).to.include({ status: 'delivered', attempts: 1 });
    expect(new Set(hooks.receiver.at('/hooks').map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
  });

  it('is replayed for a time, by what became of it', async () => {
    const made = await endpointAt('/hooks');
    const ids = [await test(made), await test(made), await test(made)];
    await web.database.query({
      text: `update webhook_deliveries set status = case when id = $1 then 'delivered' else 'failed' end, settled_at = now()`,
      values: [ids[0]],
    });
    const replay = (body: object) => post(`/webhooks/endpoints/${made.id}/replay`, body);
    expect(await replay({ from: '2020-01-01', until: '2020-01-02' })).to.deep.equal({ replayed: 0 });
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    expect(await replay({ from: hourAgo, until: new Date(Date.now() + 60_000).toISOString() })).to.deep.equal({
      replayed: 2,
    });
    expect((await seen(ids[0] ?? '')).status).to.equal('delivered');
    expect(await hooks.deliverer.begin()).to.equal(2);
    await hooks.receiver.got('/hooks', 2);
    const again = { from: hourAgo, until: new Date(Date.now() + 60_000).toISOString(), statuses: ['delivered'] };
    await Promise.all(ids.map((id, index) => settled(id, index === 0 ? 0 : 1)));
    expect(await replay(again)).to.deep.equal({ replayed: 3 });
  });

  it('follows no redirect', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', (response) =>
      response.writeHead(302, { location: `${hooks.receiver.url}/elsewhere` }).end(),
    );
    const id = await test(made);
    await hooks.deliverer.begin();
    expect((await settled(id)).log[0]).to.include({ status: 302, error: 'redirect' });
    expect(hooks.receiver.at('/elsewhere')).to.deep.equal([]);
  });

  it('reads no more of an answer than it needs, and waits for no end of it', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', (response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), more);
      };
      more();
    });
    const id = await test(made);
    await hooks.deliverer.begin();
    expect(await settled(id)).to.include({ status: 'delivered' });
  });

  it('waits as long as the endpoint asks by Retry-After', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', (response) => response.writeHead(429, { 'retry-after': '600' }).end());
    const id = await test(made);
    await hooks.deliverer.begin();
    await settled(id);
    const { rows } = await web.database.query<{ s: number }>({
      text: 'select extract(epoch from due_at - now())::float8 as s from webhook_deliveries',
    });
    expect(rows[0]?.s).to.be.within(580, 600);
  });

  it('makes rows for those who want to know, once, and for nobody else', async () => {
    const all = await endpointAt('/all');
    const some = await endpointAt('/some');
    await web.intake.call('PATCH', `/webhooks/endpoints/${some.id}`, { body: { types: ['order.cancelled'] } });
    await createStorefront(web.database, 'Another');
    const orderId = await happened('order.shipped');
    await web.database.query({
      text: `insert into webhook_events select $1, message_id, order_id, type, status from webhook_events`,
      values: [randomUUID()],
    });
    expect(await spreadEvents(web.database)).to.equal(2);
    expect(await spreadEvents(web.database)).to.equal(0);
    const { body } = await web.intake.call('GET', `/webhooks/deliveries?order=${orderId}`);
    expect((body['items'] as { endpointId: string }[]).map(({ endpointId }) => endpointId)).to.deep.equal([all.id]);
    await web.intake.call('DELETE', `/webhooks/endpoints/${all.id}`);
    expect((await web.intake.call('GET', '/webhooks/deliveries')).body['items']).to.deep.equal([]);
  });

  it('is forgotten with its endpoint, and when it is old', async () => {
    const made = await endpointAt('/hooks');
    const kept = await endpointAt('/kept');
    await test(made);
    const stays = await test(kept);
    const old = await test(kept);
    const long = v7({ msecs: Date.now() - 31 * DAY_MS });
    await web.database.query({ text: 'update webhook_deliveries set id = $1 where id = $2', values: [long, old] });
    await web.intake.call('DELETE', `/webhooks/endpoints/${made.id}`);
    expect(await forget(web.database, 30)).to.deep.equal({ deliveries: 2, pending: 1 });
    const { rows } = await web.database.query<{ id: string }>({ text: 'select id from webhook_deliveries' });
    expect(rows).to.deep.equal([{ id: stays }]);
    const { rows: endpoints } = await web.database.query<{ id: string }>({ text: 'select id from webhook_endpoints' });
    expect(endpoints).to.deep.equal([{ id: kept.id }]);
  });
});
