import { expect } from 'chai';
import { storeMessages } from '../../shared/postgres/outbox.js';
import { createDatabase } from '../support/database.js';
import { documents } from '../support/reference/documents.js';
import { type Exchange, httpDeviation } from '../support/reference/http-deviation.js';
import { messageDeviation } from '../support/reference/message-deviation.js';
import { deviations, noteLogged, watchTraffic } from '../support/reference/traffic.js';
import { startScriptedHttp } from '../support/scripted-http.js';

const id = '01a1fdae-bab7-75aa-9b14-fc707aeff401';
const received = JSON.stringify({ orderId: id, status: 'INITIATED', message: 'Order received.' });
const accepted: Exchange = {
  method: 'POST',
  url: new URL('http://127.0.0.1/orders'),
  headers: new Headers({ 'idempotency-key': 'one' }),
  sent: undefined,
  status: 202,
  answered: new Headers({ 'content-type': 'application/json; charset=utf-8', location: `/orders/${id}` }),
  received,
};
const problem = {
  type: 'urn:warren:problem:order.not-found',
  title: 'None',
  status: 404,
  detail: 'None.',
  code: 'order.not-found',
};
const refused = {
  ...accepted,
  method: 'GET',
  url: new URL(`http://127.0.0.1/orders/${id}`),
  status: 404,
  answered: new Headers({ 'content-type': 'application/problem+json' }),
  received: JSON.stringify(problem),
};

const listed = { ...accepted, method: 'GET', status: 200, received: '{"items":[]}' };

const PLANTED: readonly (readonly [what: string, exchange: Exchange, deviation: RegExp])[] = [
  ['a status', { ...accepted, status: 203 }, /no such status/],
  ['a route', { ...accepted, url: new URL('http://127.0.0.1/baskets') }, /no such route/],
  ['a parameter', { ...listed, url: new URL('http://127.0.0.1/stock?fast=1') }, /fast was accepted/],
  ['a header that is needed and was not', { ...accepted, headers: new Headers() }, /Idempotency-Key was left out/],
  ['a body that it has not', { ...accepted, sent: '{}' }, /the body was accepted/],
  ['an answer without a field', { ...accepted, received: '{}' }, /the body does not fit/],
  ['an answer of another type', { ...accepted, answered: new Headers({ 'content-type': 'text/html' }) }, /text\/html/],
  ['a code', { ...refused, received: JSON.stringify({ ...problem, code: 'order.lost' }) }, /the body does not fit/],
  ['a header', { ...accepted, answered: new Headers([...accepted.answered, ['etag', '"1"']]) }, /no header ETag/],
];

describe('what happens in tests, held against the references', () => {
  it('is in order when it is as they say', async () => {
    const known = await documents();
    expect([httpDeviation(known, accepted), httpDeviation(known, refused)]).to.deep.equal([undefined, undefined]);
  });

  for (const [what, exchange, deviation] of PLANTED) {
    it(`deviates by ${what}`, async () => {
      expect(httpDeviation(await documents(), exchange)).to.match(deviation);
    });
  }

  it('deviates by a message, its version, its payload or its headers', async () => {
    const known = await documents();
    const headers = {
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': id,
      'cloudEvents:source': '/warren/orders',
      'cloudEvents:type': 'orders.cancel-order',
      'cloudEvents:time': '2026-11-22T08:00:00.000Z',
      'warren-schema-version': 1,
    };
    const sent = {
      exchange: 'orders',
      routingKey: 'orders.cancel-order',
      headers,
      content: Buffer.from(`{"orderId":"${id}"}`),
    };
    expect(messageDeviation(known, sent)).to.equal(undefined);
    expect(messageDeviation(known, { ...sent, routingKey: 'orders.lose-order' })).to.match(/no such message/);
    expect(messageDeviation(known, { ...sent, headers: { ...headers, 'warren-schema-version': 9 } })).to.match(
      /v9 .* no such/,
    );
    expect(messageDeviation(known, { ...sent, content: Buffer.from('{}') })).to.match(/orderId/);
    expect(messageDeviation(known, { ...sent, headers: { 'warren-schema-version': 1 } })).to.match(/cloudEvents/);
  });

  it('is noted of what processes of their own have stored to be published', async () => {
    expect(await deviations(), 'until now').to.deep.equal([]);
    const { database, close } = await createDatabase();
    const lost = { id, type: 'orders.cancel-order', version: 1, correlationId: id, causationId: null, producer: 'web' };
    await database.transaction((transaction) =>
      storeMessages(transaction, [{ ...lost, occurredAt: new Date(), body: '{}' }], 0),
    );
    await noteLogged(database);
    await close();
    expect((await deviations()).join()).to.match(/^orders.cancel-order.v1 was sent: .*orderId/);
  });

  it('is noted of every intake that tests ask', async () => {
    expect(await deviations(), 'until now').to.deep.equal([]);
    const stray = await startScriptedHttp();
    stray.answer([418]);
    watchTraffic(stray.url);
    await fetch(`${stray.url}/orders`, { method: 'POST' });
    await stray.close();
    expect(await deviations()).to.deep.equal(['POST /orders answered 418: the reference has no such status']);
  });
});
