import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { type AddressRules, resolveByDns } from '../../shared/http/outside-address.js';
import { createLogger } from '../../shared/observability/log.js';
import { Database, type Rows, type Statement } from '../../shared/postgres/database.js';
import { notices } from '../../shared/postgres/notices.js';
import { attempts } from '../../workers/webhooks/attempt.js';
import { Deliverer } from '../../workers/webhooks/deliverer.js';
import { spreadEvents } from '../../workers/webhooks/spread.js';
import { forget, report } from '../../workers/webhooks/upkeep.js';
import { TestIntake } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { testKeyring } from '../support/keyring.js';
import { until } from '../support/until.js';
import { type Received, WebhookReceiver } from '../support/webhook-receiver.js';

const TIMEOUT_MS = 1000;
const DAY_MS = 86_400_000;
const STUCK = 'select from webhook_endpoints where stuck_since is not null';
const DISABLE_AFTER_MS = 5 * DAY_MS;
const anywhere: AddressRules = { resolve: resolveByDns, allowInside: true };
const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

interface Made {
  readonly id: string;
  readonly secret: string;
}
interface Seen {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly log: readonly { readonly status?: number; readonly error?: string }[];
}

describe('the delivery of webhooks', () => {
  let databaseUrl: string;
  const web = intakePerTest((url) => {
    databaseUrl = url;
    return { webhookTargets: anywhere };
  });
  let receiver: WebhookReceiver;
  let deliverer: Deliverer;

  const delivererWith = (rules: AddressRules, atOnce = 16): Deliverer =>
    new Deliverer(
      { database: web.database, keyring: testKeyring, log },
      attempts({ ...rules, timeoutMs: TIMEOUT_MS }),
      { atOnce, timeoutMs: TIMEOUT_MS, disableAfterMs: DISABLE_AFTER_MS },
    );

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    deliverer = delivererWith(anywhere);
  });
  afterEach(async () => {
    await deliverer.stop(0);
    await receiver.close();
  });

  const post = async (path: string, body?: unknown, status = 202, intake = web.intake) => {
    const answer = await intake.call('POST', path, body === undefined ? {} : { body });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(status);
    return answer.body;
  };
  const endpointAt = async (path: string, intake = web.intake): Promise<Made> =>
    (await post('/webhooks/endpoints', { url: `${receiver.url}${path}` }, 201, intake)) as unknown as Made;
  const test = async ({ id }: { id: string }, intake = web.intake): Promise<string> =>
    String((await post(`/webhooks/endpoints/${id}/test`, undefined, 202, intake))['deliveryId']);
  const seen = async (id: string, intake = web.intake): Promise<Seen> =>
    (await intake.call('GET', `/webhooks/deliveries/${id}`)).body as unknown as Seen;
  const settled = (id: string, attemptsMade = 1, intake = web.intake): Promise<Seen> =>
    until('the attempt is in the log', async () => {
      const one = await seen(id, intake);
      return one.log.length >= attemptsMade ? one : undefined;
    });
  const makeDue = () => web.database.query({ text: 'update webhook_deliveries set due_at = now()' });
  const endpoint = async ({ id }: { id: string }) => (await web.intake.call('GET', `/webhooks/endpoints/${id}`)).body;
  /** An order of the storefront of `web.intake`, at which something happened. */
  const happened = async (type: string, reference: string | null = null): Promise<string> => {
    const orderId = v7();
    await web.database.query({
      text: `with shop as (select id from storefronts order by id limit 1), placed as (
               insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency,
                                   status, stock, payment, shipment, version)
               select $1, id, $2, '{"name":"Ada","email":"ada@example.com"}', '{}', '[]', 1, 'GBP', 'SHIPPED', 'x', 'x', 'x', 1 from shop)
             insert into webhook_events (id, message_id, order_id, type, status) values ($3, $4, $1, $5, 'SHIPPED')`,
      values: [orderId, reference, v7(), v7(), type],
    });
    return orderId;
  };

  it('is signed so that another implementation of the specification takes it, and says whose order it is and not who bought', async () => {
    const { secret } = await endpointAt('/hooks');
    const orderId = await happened('order.shipped', 'web-1001');
    expect(await spreadEvents(web.database)).to.equal(1);
    expect(await deliverer.begin()).to.equal(1);
    const [first] = await receiver.got('/hooks', 1);
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
    const rotated = (await post(`/webhooks/endpoints/${made.id}/rotate-secret`, undefined, 200)) as unknown as Made;
    expect(rotated.secret).not.to.equal(made.secret);
    expect((await endpoint(made))['previousSecretUntil']).to.be.a('string');
    await test(made);
    await deliverer.begin();
    const [during] = await receiver.got('/hooks', 1);
    for (const secret of [made.secret, rotated.secret])
      new Webhook(secret).verify(during?.body ?? '', during?.headers ?? {});
    await web.database.query({ text: 'update webhook_endpoints set previous_until = now()' });
    await test(made);
    await deliverer.begin();
    const [, after] = await receiver.got('/hooks', 2);
    new Webhook(rotated.secret).verify(after?.body ?? '', after?.headers ?? {});
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
    receiver.answer('/hooks', 500);
    const id = await test(made);
    await deliverer.begin();
    expect((await settled(id, 1)).log[0]).to.include({ status: 500, error: 'status' });
    expect(await deliverer.begin(), 'it is not due yet').to.equal(0);
    receiver.answer('/hooks', () => undefined);
    await makeDue();
    await deliverer.begin();
    expect((await settled(id, 2)).log[1]).to.include({ error: 'timeout' });
    receiver.answer('/hooks', 200);
    await makeDue();
    await deliverer.begin();
    const last = await settled(id, 3);
    expect(last).to.include({ status: 'delivered', attempts: 3 });
    const got = receiver.at('/hooks');
    expect(got).to.have.length(3);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
    expect(new Set(got.map(({ body }) => body)).size).to.equal(1);
    for (const { body, headers } of got) new Webhook(made.secret).verify(body, headers);
  });

  it('has failed when its attempts are used up, and a replay has all of them before it, under the same id', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', 503);
    const id = await test(made);
    for (let attempt = 1; attempt <= 8; attempt++) {
      await makeDue();
      expect(await deliverer.begin()).to.equal(1);
      await settled(id, attempt);
    }
    expect(await seen(id)).to.include({ status: 'failed', attempts: 8 });
    await makeDue();
    expect(await deliverer.begin()).to.equal(0);
    receiver.answer('/hooks', 200);
    expect(await post(`/webhooks/deliveries/${id}/replay`)).to.include({ status: 'pending', attempts: 0 });
    await deliverer.begin();
    expect(await settled(id, 9)).to.include({ status: 'delivered', attempts: 1 });
    expect(new Set(receiver.at('/hooks').map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
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
    expect(await deliverer.begin()).to.equal(2);
    await receiver.got('/hooks', 2);
    const again = { from: hourAgo, until: new Date(Date.now() + 60_000).toISOString(), statuses: ['delivered'] };
    await Promise.all(ids.map((id, index) => settled(id, index === 0 ? 0 : 1)));
    expect(await replay(again)).to.deep.equal({ replayed: 3 });
  });

  it('to an endpoint that hangs delays nobody else, however much that one has to be told', async () => {
    const dead = await endpointAt('/dead');
    receiver.answer('/dead', () => undefined);
    for (let count = 0; count < 40; count++) await test(dead);
    // Its first attempts run out, and from then on it is known for it.
    await deliverer.begin();
    await receiver.got('/dead', 4);
    await until('its attempts have timed out', async () => (await endpoint(dead))['failingSince'] !== undefined);
    await makeDue();
    expect(await deliverer.begin(), 'it has one attempt at a time').to.equal(1);
    const well = await endpointAt('/well');
    for (let count = 0; count < 4; count++) await test(well);
    const began = Date.now();
    expect(await deliverer.begin()).to.equal(4);
    await receiver.got('/well', 4);
    expect(Date.now() - began).to.be.lessThan(TIMEOUT_MS);
  });

  it('has room for endpoints that answer however many do not', async () => {
    const small = delivererWith(anywhere, 16);
    try {
      for (let count = 0; count < 6; count++) {
        const made = await endpointAt(`/dead-${count}`);
        receiver.answer(`/dead-${count}`, () => undefined);
        for (let one = 0; one < 3; one++) await test(made);
      }
      await web.database.query({ text: 'update webhook_endpoints set ailing = true' });
      expect(await small.begin(), 'of a quarter of 16, half for one storefront').to.equal(2);
      expect(await small.begin()).to.equal(0);
      const well = await endpointAt('/well');
      await test(well);
      expect(await small.begin()).to.equal(1);
      await receiver.got('/well', 1);
    } finally {
      await small.stop(0);
    }
  });

  it('leaves room and connections to other storefronts at the same host, however slow one is to answer', async () => {
    for (let count = 0; count < 4; count++) {
      const made = await endpointAt(`/slow-${count}`);
      receiver.answer(`/slow-${count}`, () => undefined);
      for (let one = 0; one < 4; one++) await test(made);
    }
    const roomy = delivererWith(anywhere, 32);
    const key = (await createStorefront(web.database, 'Second')).key;
    const second = await TestIntake.start({ databaseUrl, webhookTargets: anywhere }, key);
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

  it('is told to operators when it is late at an endpoint that answers, and when a key is missing to send it at all', async () => {
    const told = async (): Promise<Record<string, number>> => {
      await report(web.database);
      return Object.fromEntries((await notices(web.database)).map(({ subject, level }) => [subject, level]));
    };
    const made = await endpointAt('/hooks');
    await test(made);
    expect(await told()).to.deep.equal({ endpoints: 0, late: 0, stuck: 0 });
    await web.database.query({ text: "update webhook_deliveries set due_at = now() - interval '11 minutes'" });
    expect(await told()).to.include({ late: 1, stuck: 0 });

    const { rows } = await web.database.query<{ sealed: string }>({
      text: 'select sealed_secret as sealed from webhook_endpoints',
    });
    await web.database.query({ text: "update webhook_endpoints set sealed_secret = 'sealed by nobody'" });
    expect(await deliverer.begin()).to.equal(1);
    const isStuck = async () => (await web.database.query({ text: STUCK })).rowCount === 1;
    await until('it is put off', isStuck);
    expect(await told(), 'while keys are rotated').to.include({ late: 0, stuck: 0 });
    await web.database.query({ text: "update webhook_endpoints set stuck_since = stuck_since - interval '3 minutes'" });
    expect(await told()).to.include({ stuck: 1 });
    await forget(web.database, 30);
    expect(await told(), 'what it is stuck with waits').to.include({ stuck: 1 });
    await web.database.query({ text: 'update webhook_endpoints set sealed_secret = $1', values: [rows[0]?.sealed] });
    await makeDue();
    await deliverer.begin();
    await receiver.got('/hooks', 1);
    await until('it can be sent again', async () => !(await isStuck()));
    expect(await told()).to.include({ stuck: 0 });

    const last = await test(made);
    await web.database.query({ text: 'update webhook_endpoints set stuck_since = now()' });
    const long = v7({ msecs: Date.now() - 31 * DAY_MS });
    await web.database.query({ text: 'update webhook_deliveries set id = $1 where id = $2', values: [long, last] });
    expect(await forget(web.database, 30)).to.include({ pending: 1 });
    expect(await isStuck(), 'nothing waits any more').to.equal(false);
  });

  it('is not told of as stuck when its attempt was sent and the database failed', async () => {
    class Failing extends Database {
      failed = 0;
      override query<R extends object>(statement: Statement): Promise<Rows<R>> {
        if (statement.name !== 'webhook-delivery-release') return super.query(statement);
        this.failed += 1;
        return Promise.reject(new Error('the database failed'));
      }
    }
    const database = new Failing({ url: databaseUrl, connections: 2, applicationName: 'test' });
    const rules = attempts({ ...anywhere, timeoutMs: TIMEOUT_MS });
    const options = { atOnce: 16, timeoutMs: TIMEOUT_MS, disableAfterMs: DISABLE_AFTER_MS };
    const failing = new Deliverer({ database, keyring: testKeyring, log }, rules, options);
    try {
      receiver.answer('/hooks', () => undefined);
      await test(await endpointAt('/hooks'));
      await failing.begin();
      await receiver.got('/hooks', 1);
      await failing.stop(0);
      expect(database.failed).to.equal(1);
      expect((await web.database.query({ text: STUCK })).rowCount).to.equal(0);
    } finally {
      await database.close();
    }
  });

  it('is replayed although its process was taken for dead, and writes down late what became of it', async () => {
    const made = await endpointAt('/hooks');
    const answers: (() => void)[] = [];
    receiver.answer('/hooks', (response) => answers.push(() => response.writeHead(400).end()));
    const id = await test(made);
    await deliverer.begin();
    await receiver.got('/hooks', 1);
    await makeDue();
    await post(`/webhooks/deliveries/${id}/replay`);
    for (const answer of answers) answer();
    await deliverer.stop(TIMEOUT_MS);
    expect(await seen(id)).to.include({ status: 'pending', attempts: 0 });
    const all = { from: '1969-12-31T00:00:00Z', statuses: ['pending'] };
    expect(await post(`/webhooks/endpoints/${made.id}/replay`, all)).to.deep.equal({ replayed: 1 });
  });

  it('goes in turns to the storefronts that have something waiting', async () => {
    const key = (await createStorefront(web.database, 'Second')).key;
    const busy = await endpointAt('/busy');
    for (let count = 0; count < 12; count++) await test(busy);
    const second = (
      await web.intake.call('POST', '/webhooks/endpoints', {
        headers: { authorization: `Bearer ${key}` },
        body: { url: `${receiver.url}/second` },
      })
    ).body as unknown as Made;
    await web.intake.call('POST', `/webhooks/endpoints/${second.id}/test`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const two = delivererWith(anywhere, 3);
    try {
      expect(await two.begin(), 'of three, one is for those that fail').to.equal(2);
      await receiver.got('/second', 1);
      expect(receiver.at('/busy').length).to.be.lessThan(2);
    } finally {
      await two.stop(0);
    }
  });

  it('is made by somebody else when the process that began it has died', async () => {
    const made = await endpointAt('/hooks');
    const id = await test(made);
    receiver.answer('/hooks', () => undefined);
    const dying = delivererWith(anywhere);
    await dying.begin();
    await receiver.got('/hooks', 1);
    expect(await deliverer.begin(), 'the lease holds').to.equal(0);
    await web.database.query({ text: 'update webhook_deliveries set due_at = now()' });
    receiver.answer('/hooks', 204);
    expect(await deliverer.begin()).to.equal(1);
    const [first, second] = await receiver.got('/hooks', 2);
    expect(second?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
    await settled(id);
    // What the other says, who was only slow, comes too late.
    await dying.stop(TIMEOUT_MS * 2);
    expect(await seen(id)).to.include({ status: 'delivered', attempts: 2 });
    expect((await seen(id)).log).to.have.length(1);
  });

  it('that was broken off because the process stops is due at once, as if it had not been begun', async () => {
    const made = await endpointAt('/hooks');
    const id = await test(made);
    receiver.answer('/hooks', () => undefined);
    const stopping = delivererWith(anywhere);
    await stopping.begin();
    await receiver.got('/hooks', 1);
    await stopping.stop(0);
    expect(await seen(id)).to.include({ status: 'pending', attempts: 0 });
    receiver.answer('/hooks', 204);
    expect(await deliverer.begin()).to.equal(1);
    expect(await settled(id)).to.include({ status: 'delivered' });
  });

  it('disables an endpoint that answers 410, and keeps what waits for it', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', 410);
    const id = await test(made);
    await deliverer.begin();
    expect(await settled(id)).to.include({ status: 'failed' });
    expect(await endpoint(made)).to.include({ status: 'disabled', disabledWhy: 'gone' });
    await happened('order.confirmed');
    await spreadEvents(web.database);
    expect(await deliverer.begin()).to.equal(0);
    expect((await web.intake.call('POST', `/webhooks/endpoints/${made.id}/test`)).body['code']).to.equal(
      'webhook-endpoint.disabled',
    );
    receiver.answer('/hooks', 204);
    const changed = await web.intake.call('PATCH', `/webhooks/endpoints/${made.id}`, { body: { disabled: false } });
    expect(changed.body).to.include({ status: 'enabled' });
    expect(await deliverer.begin()).to.equal(1);
    await receiver.got('/hooks', 2);
  });

  it('disables an endpoint that has failed for days, and tells operators; one success in between is enough to go on', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', 500);
    const fail = async (): Promise<void> => {
      const id = await test(made);
      await deliverer.begin();
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
    receiver.answer('/hooks', 204);
    await days(6);
    await fail();
    expect(await endpoint(made))
      .to.include({ status: 'enabled' })
      .and.not.to.have.property('failingSince');
    receiver.answer('/hooks', 500);
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

  it('follows no redirect', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', (response) => response.writeHead(302, { location: `${receiver.url}/elsewhere` }).end());
    const id = await test(made);
    await deliverer.begin();
    expect((await settled(id)).log[0]).to.include({ status: 302, error: 'redirect' });
    expect(receiver.at('/elsewhere')).to.deep.equal([]);
  });

  it('reads no more of an answer than it needs, and waits for no end of it', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', (response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), more);
      };
      more();
    });
    const id = await test(made);
    await deliverer.begin();
    expect(await settled(id)).to.include({ status: 'delivered' });
  });

  it('waits as long as the endpoint asks by Retry-After', async () => {
    const made = await endpointAt('/hooks');
    receiver.answer('/hooks', (response) => response.writeHead(429, { 'retry-after': '600' }).end());
    const id = await test(made);
    await deliverer.begin();
    await settled(id);
    const { rows } = await web.database.query<{ s: number }>({
      text: 'select extract(epoch from due_at - now())::float8 as s from webhook_deliveries',
    });
    expect(rows[0]?.s).to.be.within(580, 600);
  });

  describe('guarded against reaching what only we reach', () => {
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
      const made = (await save(`https://shop.example:${receiver.port}/`)).body as unknown as Made;
      const id = await test(made, strict);
      const guarded = delivererWith(leadingTo('127.0.0.1'));
      await guarded.begin();
      expect((await settled(id, 1, strict)).log[0]).to.include({ error: 'address-refused' });
      expect(receiver.connections).to.equal(0);
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
      expect(receiver.connections).to.be.greaterThan(0);
      await unguarded.stop(0);
    });

    it('connects to no address that stands in a URL, however it came there', async () => {
      const made = (await save(`https://shop.example:${receiver.port}/`)).body as unknown as Made;
      const id = await test(made, strict);
      await web.database.query({
        text: 'update webhook_endpoints set url = $1',
        values: [`https://127.0.0.1:${receiver.port}/`],
      });
      const guarded = delivererWith(leadingTo('93.184.216.34'));
      await guarded.begin();
      expect((await settled(id, 1, strict)).log[0]).to.include({ error: 'address-refused' });
      await web.database.query({ text: 'update webhook_endpoints set url = $1', values: [`${receiver.url}/`] });
      await makeDue();
      await guarded.begin();
      expect((await settled(id, 2, strict)).log[1]).to.include({ error: 'url-refused' });
      expect(receiver.connections).to.equal(0);
      await guarded.stop(0);
    });
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
