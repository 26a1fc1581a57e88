import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { type IntakeOptions, TestIntake } from '../support/intake.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

describe('the rates of the intake', () => {
  let store: TestDatabase;
  const closings: (() => Promise<unknown> | unknown)[] = [];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
  });
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  const start = async (
    rates: Partial<Record<'perKey' | 'perAddress' | 'failures', number>>,
    trustedProxies: string[] = [],
  ): Promise<TestIntake> => {
    const parts: IntakeOptions['parts'] = {
      rates: { perKey: 0, perAddress: 0, failures: 0, ...rates },
      trustedProxies,
    };
    const intake = await TestIntake.start({ databaseUrl: store.url, parts });
    closings.push(() => intake.close());
    return intake;
  };
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  /** Statuses of so many requests, one after the other. */
  const statuses = async (count: number, ask: () => Promise<{ readonly status: number }>): Promise<number[]> => {
    const seen: number[] = [];
    for (let at = 0; at < count; at++) seen.push((await ask()).status);
    return seen;
  };

  it('tell with every answer what a key has left, and refuse it beyond as 429, for as long as Retry-After says', async () => {
    const intake = await start({ perKey: 60 });
    const first = await intake.call('GET', '/stock');
    expect(first.headers.get('ratelimit-policy')).to.equal('"key";q=60;w=60');
    expect(first.headers.get('ratelimit')).to.equal('"key";r=59');
    await statuses(58, () => intake.call('GET', '/stock'));
    const refused = await until('it is refused', async () => {
      const answer = await intake.call('GET', '/stock');
      return answer.status === 200 ? undefined : answer;
    });
    const after = refused.headers.get('retry-after');
    expect(refused.status).to.equal(429);
    expect(refused.body).to.include({ status: 429, code: 'request.rate-limited' });
    expect(refused.headers.get('content-type')).to.match(/^application\/problem\+json/);
    expect(Number(after)).to.be.within(1, 3);
    expect(refused.headers.get('ratelimit')).to.equal(`"key";r=0;t=${after}`);
    expect(refused.headers.get('ratelimit-policy')).to.equal('"key";q=60;w=60');
    await until('something is left again', async () => (await intake.call('GET', '/stock')).status === 200);
  });

  it('are for each key: another storefront is let in', async () => {
    const intake = await start({ perKey: 1 });
    const other = await createStorefront(store.database, 'Other');
    expect(await statuses(2, () => intake.call('GET', '/stock'))).to.deep.equal([200, 429]);
    const headers = { authorization: `Bearer ${other.key}` };
    expect((await intake.call('GET', '/stock', { headers })).status).to.equal(200);
  });

  it('refuse a request before its body is read, and store nothing of it', async () => {
    const intake = await start({ perKey: 1 });
    await intake.call('GET', '/stock');
    const { hostname, port } = new URL(intake.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    closings.push(() => socket.destroy());
    socket.write(
      `POST /orders HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${intake.key}\r\nContent-Type: application/json\r\n` +
        'Idempotency-Key: one\r\nContent-Length: 400000\r\n\r\n',
    );
    const [head] = await once(socket, 'data');
    expect(head).to.match(/^HTTP\/1\.1 429 /);
  });

  it('are for each address, of IPv6 the /64, as a trusted proxy tells it', async () => {
    const intake = await start({ perAddress: 2 }, ['loopback']);
    const ask = (address: string) => intake.call('GET', '/stock', from(address));
    expect(await statuses(3, () => ask('192.0.2.1'))).to.deep.equal([200, 200, 429]);
    expect((await ask('192.0.2.2')).status).to.equal(200);
    // Whatever a caller says himself stands before what the proxy saw.
    expect((await ask('198.51.100.7, 192.0.2.1')).status).to.equal(429);
    expect(await statuses(2, () => ask('2001:db8:0:7::1'))).to.deep.equal([200, 200]);
    const refused = await ask('2001:db8:0:7:ffff::2');
    expect([refused.status, refused.headers.get('ratelimit-policy')]).to.deep.equal([429, '"address";q=2;w=60']);
    expect((await ask('2001:db8:0:8::1')).status).to.equal(200);
  });

  it('believe nobody who is not trusted', async () => {
    for (const trusted of [[], ['10.0.0.0/8']]) {
      const intake = await start({ perAddress: 2 }, trusted);
      let at = 0;
      const told = await statuses(3, () => intake.call('GET', '/stock', from(`192.0.2.${++at}`)));
      expect(told).to.deep.equal([200, 200, 429]);
    }
  });

  it('have no further key of an address looked up which sent too many wrong ones, right or wrong, but let in those it knows', async () => {
    const intake = await start({ failures: 5 }, ['loopback']);
    const fresh = await createStorefront(store.database, 'Fresh');
    const ask = (key: string, address = '192.0.2.1', path = '/stock') =>
      intake.call('GET', path, { headers: { authorization: `Bearer ${key}`, 'x-forwarded-for': address } });
    expect((await ask(intake.key)).status).to.equal(200);
    const guesses = await statuses(12, () => ask(`wk_live_${Math.random()}`));
    expect(guesses.slice(0, 5)).to.deep.equal([401, 401, 401, 401, 401]);
    expect(guesses.slice(-6)).to.deep.equal([429, 429, 429, 429, 429, 429]);
    const refused = await ask(fresh.key);
    expect([refused.status, refused.body['code']]).to.deep.equal([429, 'request.rate-limited']);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 30);
    // Nor is the key of an operator.
    expect((await ask('wo_live_guess', '192.0.2.1', '/operator/me')).status).to.equal(429);
    expect((await ask(intake.key)).status).to.equal(200);
    expect((await ask(fresh.key, '192.0.2.2')).status).to.equal(200);
  });

  it('are for nobody who only asks whether the process lives', async () => {
    const intake = await start({ perAddress: 1, failures: 1 });
    await statuses(3, () => intake.call('GET', '/stock'));
    expect(await statuses(5, () => intake.call('GET', '/healthz'))).to.deep.equal([200, 200, 200, 200, 200]);
    expect((await fetch(`${intake.url}/metrics`)).status).to.equal(200);
  });

  it('count their refusals, by whose quota was used up', async () => {
    const intake = await start({ perKey: 1 });
    const refusals = async (): Promise<number> =>
      Number(
        /warren_rate_refused_total\{policy="key"\} (\d+)/.exec(
          await (await fetch(`${intake.url}/metrics`)).text(),
        )?.[1] ?? 0,
      );
    const before = await refusals();
    await stockCatalogue(store.database);
    const place = () => intake.call('POST', '/orders', { headers: { 'idempotency-key': 'one' }, body: orderBody });
    expect(await statuses(3, place)).to.deep.equal([202, 429, 429]);
    expect((await refusals()) - before).to.equal(2);
  });
});
