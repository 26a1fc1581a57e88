import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { drawKey, prefixOf } from '../../api/storefronts/key.js';
import { revokeKey } from '../../api/storefronts/stored-keys.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';

const json = JSON.stringify(orderBody);
const quantity = (text: string): string => json.replace('"quantity":2', `"quantity":${text}`);
const name = (text: string): string => json.replace('Ada Lovelace', text);
const email = (text: string): string => json.replace('ada@example.com', text);
const { customer: _customer, ...withoutCustomer } = orderBody;

/** What is sent, the status, the code, and where the first fault is. */
const BAD_BODIES: readonly (readonly [what: string, body: unknown, status: number, code: string, pointer?: string])[] =
  [
    ['a field nobody knows', { ...orderBody, discount: 1 }, 422, 'request.invalid', '/discount'],
    ['a field nobody knows, deeper', name('Ada","vip":"yes'), 422, 'request.invalid', '/customer/vip'],
    ['no customer', withoutCustomer, 422, 'request.invalid', '/customer'],
    ['quantity 0', quantity('0'), 422, 'request.invalid', '/lines/0/quantity'],
    ['a negative quantity', quantity('-1'), 422, 'request.invalid', '/lines/0/quantity'],
    ['a fractional quantity', quantity('1.5'), 422, 'request.invalid', '/lines/0/quantity'],
    ['a quantity in quotes', quantity('"1"'), 422, 'request.invalid', '/lines/0/quantity'],
    ['an infinite quantity', quantity('1e400'), 422, 'request.invalid', '/lines/0/quantity'],
    ['a quantity above 2^53', quantity('9007199254740993'), 422, 'request.invalid', '/lines/0/quantity'],
    ['no lines', { ...orderBody, lines: [] }, 422, 'request.invalid', '/lines'],
    [
      '1001 lines',
      { ...orderBody, lines: Array(1001).fill({ sku: 'CUP', quantity: 1 }) },
      422,
      'request.invalid',
      '/lines',
    ],
    [
      'more than a million of a SKU on two lines',
      { ...orderBody, lines: Array(2).fill({ sku: 'CUP', quantity: 600_000 }) },
      422,
      'request.invalid',
      '/lines/1/quantity',
    ],
    [
      'an unknown SKU',
      { ...orderBody, lines: [{ sku: 'NOPE', quantity: 1 }] },
      422,
      'order.unknown-sku',
      '/lines/0/sku',
    ],
    [
      'two currencies',
      {
        ...orderBody,
        lines: [
          { sku: 'CUP', quantity: 1 },
          { sku: 'HAT', quantity: 1 },
        ],
      },
      422,
      'order.mixed-currencies',
      '/lines/1/sku',
    ],
    [
      'a total above 2^53',
      { ...orderBody, lines: [{ sku: 'GOLD', quantity: 2 }] },
      422,
      'order.total-out-of-range',
      '/lines',
    ],
    [
      'nothing to pay',
      { ...orderBody, lines: [{ sku: 'CARD', quantity: 2 }] },
      422,
      'order.total-out-of-range',
      '/lines',
    ],
    ['a zero character', name('A\\u0000da'), 422, 'request.invalid', '/customer/name'],
    ['a lone surrogate', name('A\\ud800da'), 422, 'request.invalid', '/customer/name'],
    ['a line break in the name', name('Ada\\r\\nBcc: all@example.com'), 422, 'request.invalid', '/customer/name'],
    [
      'a line break in the address',
      json.replace('London', 'Lon\\ndon'),
      422,
      'request.invalid',
      '/shippingAddress/city',
    ],
    ['a line separator', name('Ada\\u2028'), 422, 'request.invalid', '/customer/name'],
    ['a blank name', name('  '), 422, 'request.invalid', '/customer/name'],
    [
      'two e-mail addresses',
      json.replace('ada@example.com', 'ada@example.com, eve@example.com'),
      422,
      'request.invalid',
      '/customer/email',
    ],
    [
      'a line break in the e-mail address',
      json.replace('ada@example.com', 'ada@example.com\\r\\n'),
      422,
      'request.invalid',
      '/customer/email',
    ],
    ['two dots in an e-mail address', email('a..b@example.com'), 422, 'request.invalid', '/customer/email'],
    ['a dot before an e-mail address', email('.a@example.com'), 422, 'request.invalid', '/customer/email'],
    ['a dot before the @', email('a.@example.com'), 422, 'request.invalid', '/customer/email'],
    ['an unknown kind of country', json.replace('"GB"', '"gb"'), 422, 'request.invalid', '/shippingAddress/country'],
    [
      'a payment token with a line break',
      { ...orderBody, paymentToken: 'tok\n' },
      422,
      'request.invalid',
      '/paymentToken',
    ],
    ['a list', '[]', 422, 'request.invalid', ''],
    ['null', 'null', 422, 'request.invalid', ''],
    ['nothing', '', 422, 'request.invalid', ''],
    ['what is not JSON', '{"customer":', 400, 'request.malformed'],
    ['nesting without end', '['.repeat(200_000), 400, 'request.malformed'],
    ['a member twice', quantity('1,"quantity":2'), 400, 'request.malformed', '/lines/0/quantity'],
    ['a member twice, once escaped', quantity('1,"q\\u0075antity":2'), 400, 'request.malformed', '/lines/0/quantity'],
    ['the payment token twice', json.replace('{', '{"paymentToken":"tok",'), 400, 'request.malformed', '/paymentToken'],
    ['__proto__', json.replace('{', '{"__proto__":{"quantity":1},'), 400, 'request.malformed'],
    ['what is not UTF-8', Buffer.from(name('Ad\u00e4'), 'latin1'), 400, 'request.malformed'],
    ['more than 512 KiB', `${json}${' '.repeat(600_000)}`, 413, 'request.too-large'],
  ];

describe('a bad request', () => {
  let store: TestDatabase;
  let intake: TestIntake;

  before(async () => {
    store = await createDatabase();
    intake = await TestIntake.start({ databaseUrl: store.url });
    await stockCatalogue(store.database);
  });
  after(async () => {
    await intake.close();
    await store.close();
  });
  afterEach(async () => {
    const { rows } = await store.database.query<{ left: number }>({
      text: 'select (select count(*) from orders) + (select count(*) from idempotency_keys where refusal is null) + (select count(*) from event_log) as left',
    });
    expect(rows, 'a refusal leaves nothing behind, or only itself under its key').to.deep.equal([{ left: 0 }]);
  });

  const place = (body: unknown, headers: Record<string, string> = {}) =>
    intake.call('POST', '/orders', { headers: { 'idempotency-key': randomUUID(), ...headers }, body });

  for (const [what, sent, status, code, pointer] of BAD_BODIES) {
    it(`with ${what} is refused as ${status} ${code}`, async () => {
      const { headers, body, ...answer } = await place(sent);
      expect([answer.status, body['code']]).to.deep.equal([status, code]);
      expect(body).to.include.keys('type', 'title', 'status', 'detail');
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
      if (pointer !== undefined) expect(body).to.have.nested.property('errors[0].pointer', pointer);
    });
  }

  it('without a usable idempotency key is refused as 400', async () => {
    const answers = [await intake.call('POST', '/orders', { body: orderBody })];
    for (const key of ['', 'a b', 'a'.repeat(256)]) answers.push(await place(orderBody, { 'idempotency-key': key }));
    for (const { status, headers, body } of answers) {
      expect([status, body['code']]).to.deep.equal([400, 'request.idempotency-key']);
      expect(body['detail']).to.include('Idempotency-Key');
      expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
    }
  });

  it('with a body that is not plain JSON is refused as 415', async () => {
    const bytes = Buffer.from(json);
    for (const [what, headers, body] of [
      ['text', { 'content-type': 'text/plain' }, bytes],
      ['XML', { 'content-type': 'application/xml' }, bytes],
      ['compressed', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, gzipSync(json)],
      // Of bytes `fetch` says nothing by itself.
      ['of no type', {}, bytes],
    ] as const) {
      const answer = await intake.stream('POST', '/orders', { headers: { 'idempotency-key': what, ...headers }, body });
      expect(answer.status, what).to.equal(415);
      expect(answer.headers.get('content-type'), what).to.match(/^application\/problem\+json/);
      expect(await answer.json(), what).to.include({ status: 415, code: 'request.media-type' });
    }
  });

  it('is answered alike whatever is wrong with its API key, and before its body is read', async () => {
    const revoked = await createStorefront(store.database, 'Revoked');
    await revokeKey(store.database, revoked.keyId);
    const disabled = await createStorefront(store.database, 'Disabled');
    await store.database.query({
      text: 'update storefronts set revoked_at = now() where id = $1',
      values: [disabled.id],
    });
    const test = await createStorefront(store.database, 'Test', 'test');
    const answers = await Promise.all(
      [
        '',
        'Bearer',
        'Bearer unknown',
        `Basic ${intake.key}`,
        `Bearer ${revoked.key}`,
        `Bearer ${disabled.key}`,
        `Bearer ${test.key}`,
        `Bearer ${drawKey('live').key}`,
        `Bearer ${intake.key} x`,
        `Bearer ${intake.key}x`,
        `Bearer ${intake.key.slice(0, -1)}`,
        `Bearer ${prefixOf(intake.key)}`,
        `Bearer ${prefixOf(intake.key)}_${'a'.repeat(32)}`,
      ].map((authorization) => place('no JSON', { authorization })),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([401]));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).to.equal(1);
    expect(answers[0]?.headers.get('www-authenticate')).to.equal('Bearer');
    const without = await fetch(`${intake.url}/orders`, { method: 'POST', body: 'no JSON' });
    expect([without.status, await without.json()]).to.deep.equal([401, answers[0]?.body]);
  });

  it('with a method that the path does not have is answered 405 and told those it has', async () => {
    for (const [method, path, allow] of [
      ['DELETE', '/orders', 'GET, HEAD, POST'],
      ['PATCH', '/orders/01938f00-0000-7000-8000-000000000001', 'GET, HEAD'],
      ['GET', '/orders/01938f00-0000-7000-8000-000000000001/cancel', 'POST'],
      ['POST', '/stock/CUP?a=b', 'GET, HEAD, PUT'],
      ['OPTIONS', '/stock', 'GET, HEAD'],
    ] as const) {
      const { status, headers, body } = await intake.call(method, path);
      expect([status, body['code'], headers.get('allow')], `${method} ${path}`).to.deep.equal([
        405,
        'route.method',
        allow,
      ]);
    }
  });

  it('for what is not there is answered 404, and for a path that is none 400', async () => {
    for (const [path, status] of [
      ['/nothing', 404],
      ['/orders/nothing', 404],
      ['/orders/01938f00-0000-7000-8000-000000000001', 404],
      ['/orders/01938f00-0000-7000-8000-000000000001/events', 404],
      ['/stock/NOPE', 404],
      ['/stock/%00', 404],
      [`/stock/${'A'.repeat(2000)}`, 404],
      ['/orders/%ZZ', 400],
    ] as const) {
      const { headers, ...answer } = await intake.call('GET', path);
      expect(answer.status, path).to.equal(status);
      expect(headers.get('content-type'), path).to.match(/^application\/problem\+json/);
    }
  });
});
