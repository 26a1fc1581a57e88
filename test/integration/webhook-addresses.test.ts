import { expect } from 'chai';
import type { AddressRules } from '../../shared/http/outside-address.js';
import { TestIntake } from '../support/intake.js';
import { webhooksPerTest } from '../support/webhooks-per-test.js';

describe('webhooks, guarded against reaching what only we reach', () => {
  const hooks = webhooksPerTest();
  const { web, endpointTo, test, settled, makeDue, delivererWith } = hooks;

  const leadingTo = (address: string): AddressRules => ({
    resolve: async () => [{ address, family: 4 }],
    allowInside: false,
  });
  let strict: TestIntake;
  let leads: string;
  beforeEach(async () => {
    leads = '93.184.216.34';
    const { rows } = await web.database.query<{ url: string }>({ text: 'select current_database() as url' });
    const url = new URL(process.env['DATABASE_URL'] ?? '');
    url.pathname = `/${rows[0]?.url}`;
    strict = await TestIntake.start({
      databaseUrl: url.href,
      webhookTargets: { resolve: async () => [{ address: leads, family: 4 }], allowInside: false },
    });
  });
  afterEach(() => strict.close());
  const save = (target: string) => strict.call('POST', '/webhooks/endpoints', { body: { url: target } });

  it('saves no URL that is not https, or leads anywhere but out', async () => {
    for (const target of [
      'http://shop.example/',
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://[::ffff:169.254.169.254]/',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://ada:pw@shop.example/',
      'https://shop.example:22/',
      'nonsense',
    ]) {
      const { status, body } = await save(target);
      expect([status, body['code']], target).to.deep.equal([422, 'webhook-endpoint.url-refused']);
      expect(body).to.have.nested.property('errors[0].pointer', '/url');
    }
    leads = '10.1.2.3';
    expect((await save('https://shop.example/')).body['code']).to.equal('webhook-endpoint.url-refused');
    leads = '93.184.216.34';
    const made = await save('https://shop.example/');
    expect(made.status).to.equal(201);
    leads = '100.64.0.1';
    const changed = await strict.call('PATCH', `/webhooks/endpoints/${made.body['id']}`, {
      body: { url: 'https://other.example/' },
    });
    expect(changed.body['code']).to.equal('webhook-endpoint.url-refused');
  });

  it('connects to no address that a name has come to lead to since it was saved', async () => {
    const made = await endpointTo(`https://shop.example:${hooks.receiver.port}/`, strict);
    const id = await test(made, strict);
    const guarded = delivererWith(leadingTo('127.0.0.1'));
    await guarded.begin();
    expect((await settled(id, 1, strict)).log[0]).to.include({ error: 'address-refused' });
    expect(hooks.receiver.connections).to.equal(0);
    await guarded.stop(0);
    // A name that leads nowhere is told alike: which of our names there are is nobody's business.
    await makeDue();
    const lost = delivererWith({
      resolve: async () => Promise.reject(new Error('x has no address')),
      allowInside: false,
    });
    await lost.begin();
    expect((await settled(id, 2, strict)).log[1]).to.include({ error: 'address-refused' });
    await lost.stop(0);
    // Without the guard it would have got there.
    await makeDue();
    const unguarded = delivererWith({ ...leadingTo('127.0.0.1'), allowInside: true });
    await unguarded.begin();
    expect((await settled(id, 3, strict)).log[2]).to.include({ error: 'connection' });
    expect(hooks.receiver.connections).to.be.greaterThan(0);
    await unguarded.stop(0);
  });

  it('connects to no address that stands in a URL, however it came there', async () => {
    const made = await endpointTo(`https://shop.example:${hooks.receiver.port}/`, strict);
    const id = await test(made, strict);
    await web.database.query({
      text: 'update webhook_endpoints set url = $1',
      values: [`https://127.0.0.1:${hooks.receiver.port}/`],
    });
    const guarded = delivererWith(leadingTo('93.184.216.34'));
    await guarded.begin();
    expect((await settled(id, 1, strict)).log[0]).to.include({ error: 'address-refused' });
    await web.database.query({ text: 'update webhook_endpoints set url = $1', values: [`${hooks.receiver.url}/`] });
    await makeDue();
    await guarded.begin();
    expect((await settled(id, 2, strict)).log[1]).to.include({ error: 'url-refused' });
    expect(hooks.receiver.connections).to.equal(0);
    await guarded.stop(0);
  });
});
