import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { notices } from '../../shared/postgres/notices.js';
import { spreadEvents } from '../../workers/webhooks/spread.js';
import { report } from '../../workers/webhooks/upkeep.js';
import { TestIntake } from '../support/intake.js';
import { until } from '../support/until.js';
import { anywhere, TIMEOUT_MS, webhooksPerTest } from '../support/webhooks-per-test.js';

describe('the delivery of webhooks to endpoints that are ill', () => {
  const hooks = webhooksPerTest();
  const { web, endpointAt, test, settled, makeDue, endpoint, happened, delivererWith } = hooks;

  it('to an endpoint that hangs delays nobody else, however much that one has to be told', async () => {
    const dead = await endpointAt('/dead');
    hooks.receiver.answer('/dead', () => undefined);
    for (let count = 0; count < 40; count++) await test(dead);
    // Its first attempts run out, and from then on it is known for it.
    await hooks.deliverer.begin();
    await hooks.receiver.got('/dead', 4);
    await until('its attempts have timed out', async () => (await endpoint(dead))['failingSince'] !== undefined);
    await makeDue();
    expect(await hooks.deliverer.begin(), 'it has one attempt at a time').to.equal(1);
    const well = await endpointAt('/well');
    for (let count = 0; count < 4; count++) await test(well);
    const began = Date.now();
    expect(await hooks.deliverer.begin()).to.equal(4);
    await hooks.receiver.got('/well', 4);
    expect(Date.now() - began).to.be.lessThan(TIMEOUT_MS);
  });

  it('has room for endpoints that answer however many do not', async () => {
    const small = delivererWith(anywhere, 16);
    try {
      for (let count = 0; count < 6; count++) {
        const made = await endpointAt(`/dead-${count}`);
        hooks.receiver.answer(`/dead-${count}`, () => undefined);
        for (let one = 0; one < 3; one++) await test(made);
      }
      await web.database.query({ text: 'update webhook_endpoints set ailing = true' });
      expect(await small.begin(), 'of a quarter of 16, half for one storefront').to.equal(2);
      expect(await small.begin()).to.equal(0);
      const well = await endpointAt('/well');
      await test(well);
      expect(await small.begin()).to.equal(1);
      await hooks.receiver.got('/well', 1);
    } finally {
      await small.stop(0);
    }
  });

  it('leaves room and connections to other storefronts at the same host, however slow one is to answer', async () => {
    for (let count = 0; count < 4; count++) {
      const made = await endpointAt(`/slow-${count}`);
      hooks.receiver.answer(`/slow-${count}`, () => undefined);
      for (let one = 0; one < 4; one++) await test(made);
    }
    const roomy = delivererWith(anywhere, 32);
    const key = (await createStorefront(web.database, 'Second')).key;
    const second = await TestIntake.start({ databaseUrl: hooks.databaseUrl, webhookTargets: anywhere }, key);
    try {
      expect(await roomy.begin(), 'half of three quarters of 32').to.equal(12);
      expect(await roomy.begin()).to.equal(0);
      const id = await test(await endpointAt('/well', second), second);
      expect(await roomy.begin()).to.equal(1);
      expect((await settled(id, 1, second)).log[0]).to.include({ status: 204 });
    } finally {
      await second.close();
      await roomy.stop(0);
    }
  });

  it('goes in turns to the storefronts that have something waiting', async () => {
    const key = (await createStorefront(web.database, 'Second')).key;
    const busy = await endpointAt('/busy');
    for (let count = 0; count < 12; count++) await test(busy);
    const headers = { authorization: `Bearer ${key}` };
    const body = { url: `${hooks.receiver.url}/second` };
    const second = await web.intake.call('POST', '/webhooks/endpoints', { headers, body });
    await web.intake.call('POST', `/webhooks/endpoints/${second.body['id']}/test`, { headers });
    const two = delivererWith(anywhere, 3);
    try {
      expect(await two.begin(), 'of three, one is for those that fail').to.equal(2);
      await hooks.receiver.got('/second', 1);
      expect(hooks.receiver.at('/busy').length).to.be.lessThan(2);
    } finally {
      await two.stop(0);
    }
  });

  it('disables an endpoint that answers 410, and keeps what waits for it', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', 410);
    const id = await test(made);
    await hooks.deliverer.begin();
    expect(await settled(id)).to.include({ status: 'failed' });
    expect(await endpoint(made)).to.include({ status: 'disabled', disabledWhy: 'gone' });
    await happened('order.confirmed');
    await spreadEvents(web.database);
    expect(await hooks.deliverer.begin()).to.equal(0);
    expect((await web.intake.call('POST', `/webhooks/endpoints/${made.id}/test`)).body['code']).to.equal(
      'webhook-endpoint.disabled',
    );
    hooks.receiver.answer('/hooks', 204);
    const changed = await web.intake.call('PATCH', `/webhooks/endpoints/${made.id}`, { body: { disabled: false } });
    expect(changed.body).to.include({ status: 'enabled' });
    expect(await hooks.deliverer.begin()).to.equal(1);
    await hooks.receiver.got('/hooks', 2);
  });

  it('disables an endpoint that has failed for days, and tells operators; one success in between is enough to go on', async () => {
    const made = await endpointAt('/hooks');
    hooks.receiver.answer('/hooks', 500);
    const fail = async (): Promise<void> => {
      const id = await test(made);
      await hooks.deliverer.begin();
      await settled(id);
    };
    const days = (count: number) =>
      web.database.query({
        text: "update webhook_endpoints set failing_since = now() - $1 * interval '1 day'",
        values: [count],
      });
    await fail();
    expect(await endpoint(made))
      .to.include({ status: 'enabled' })
      .and.to.have.property('failingSince');
    await days(4);
    await fail();
    expect(await endpoint(made)).to.include({ status: 'enabled' });
    await report(web.database);
    expect((await notices(web.database)).map(({ level }) => level)).to.deep.equal([0, 0, 0]);
    hooks.receiver.answer('/hooks', 204);
    await days(6);
    await fail();
    expect(await endpoint(made))
      .to.include({ status: 'enabled' })
      .and.not.to.have.property('failingSince');
    hooks.receiver.answer('/hooks', 500);
    await fail();
    await days(6);
    await fail();
    expect(await endpoint(made)).to.include({ status: 'disabled', disabledWhy: 'failing' });
    await report(web.database);
    expect((await notices(web.database)).filter(({ level }) => level > 0)).to.deep.equal([
      {
        worker: 'webhooks',
        subject: 'endpoints',
        level: 1,
        summary: '1 endpoint has failed for so long that no webhooks go there any more',
      },
    ]);
  });
});
