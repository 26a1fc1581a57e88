import { expect } from 'chai';
import { TransientError } from '../../shared/actors/errors.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { failureOf, type ScriptedHttp, startScriptedHttp } from '../../test/support/scripted-http.js';
import { sturdyProvider } from '../../test/support/sturdy-provider.js';
import { HttpPaymentGateway } from './http-payment-gateway.js';

const order = { orderId: 'o-1', amount: { amount: 1234, currency: 'GBP' } };
const free = { orderId: 'o-1', amount: { amount: 0, currency: 'GBP' } };
const token = 'tok_never_to_be_seen';

describe('payment over HTTP', () => {
  let provider: ScriptedHttp;
  let api: IdempotentApi;
  let gateway: HttpPaymentGateway;
  const call = { idempotencyKey: 'o-1:step', signal: new AbortController().signal };
  beforeEach(async () => {
    provider = await startScriptedHttp();
    const options = { timeoutMs: 1_000, connections: 10, provider: sturdyProvider() };
    api = new IdempotentApi({ name: 'payment', url: provider.url, apiKey: 'key', ...options });
    gateway = new HttpPaymentGateway(api);
  });
  afterEach(async () => {
    await api.close();
    await provider.close();
  });
  const asked = () => provider.asked.map(({ line, body }) => ({ line, body }));

  it('holds the amount', async () => {
    provider.answer([201, { id: 'auth_1', status: 'authorized' }]);
    expect(await gateway.authorize({ ...order, token }, call)).to.deep.equal({
      kind: 'authorized',
      authorizationId: 'auth_1',
    });
    const body = { orderId: 'o-1', amount: 1234, currency: 'GBP', token };
    expect(asked()).to.deep.equal([{ line: 'POST /payments/authorizations', body }]);
  });

  it('tells why a card was declined, without the token', async () => {
    provider.answer([402, { code: 'card_declined', reason: `the token ${token} has no funds` }]);
    expect(await gateway.authorize({ ...order, token }, call)).to.deep.equal({
      kind: 'declined',
      reason: 'the token [token] has no funds',
    });
  });

  it('takes an authorization without an id for unknown', async () => {
    provider.answer([201, {}]);
    expect(await failureOf(gateway.authorize({ ...order, token }, call))).to.be.instanceOf(TransientError);
  });

  it('charges what is held, or tells that nothing is', async () => {
    const nothing = { inFlight: 0, held: 0, captured: 0, refunded: 0 };
    provider.answer([201, { id: 'cap_1' }], [409, { code: 'nothing_authorized', reason: 'expired' }], [200, nothing]);
    expect(await gateway.capture(order, call)).to.deep.equal({ kind: 'captured' });
    expect(await gateway.capture(order, call)).to.deep.equal({ kind: 'declined', reason: 'expired' });
    expect(asked()[0]).to.deep.equal({ line: 'POST /payments/captures', body: { orderId: 'o-1', amount: 1234 } });
  });

  it('takes nothing for refused that was charged, or may come to be', async () => {
    const refusal = [409, { code: 'nothing_authorized', reason: 'none is live' }] as const;
    const charged = { inFlight: 0, held: 0, captured: 1234, refunded: 0 };
    provider.answer(refusal, [200, charged], refusal, [200, { ...charged, inFlight: 1 }]);
    expect(await gateway.capture(order, call)).to.deep.equal({ kind: 'captured' });
    expect(await failureOf(gateway.capture(order, call))).to.be.instanceOf(TransientError);
  });

  it('gives up what is held', async () => {
    provider.answer([200, { inFlight: 0, held: 1234, captured: 0, refunded: 0 }], [201, { status: 'voided' }]);
    expect(await gateway.void(order, call)).to.deep.equal({ kind: 'voided' });
    expect(asked()).to.deep.equal([
      { line: 'GET /payments?orderId=o-1', body: undefined },
      { line: 'POST /payments/voids', body: { orderId: 'o-1' } },
    ]);
  });

  it('gives up nothing when it was charged since the provider was asked, and says so', async () => {
    const held = { inFlight: 0, held: 1234, captured: 0, refunded: 0 };
    const charged = { ...held, held: 0, captured: 1234 };
    provider.answer([200, held], [200, { status: 'nothing_held' }], [200, charged]);
    expect(await gateway.void(order, call)).to.deep.equal({ kind: 'nothing-held' });
    provider.answer([200, held], [201, {}]);
    expect(await failureOf(gateway.void(order, call))).to.be.instanceOf(TransientError);
  });

  it('does not believe that nothing is held while the books say otherwise', async () => {
    const held = { inFlight: 0, held: 1234, captured: 0, refunded: 0 };
    provider.answer([200, held], [200, { status: 'nothing_held' }], [200, held]);
    expect(await failureOf(gateway.void(order, call))).to.be.instanceOf(TransientError);
  });

  it('pays back what was charged, and nothing that was paid back before', async () => {
    const charged = { inFlight: 0, held: 0, captured: 1234, refunded: 0 };
    provider.answer([200, charged], [201, { id: 'ref_1' }], [200, { ...charged, refunded: 1234 }]);
    expect(await gateway.refund(order, call)).to.deep.equal({ kind: 'refunded' });
    expect(await gateway.refund(order, call)).to.deep.equal({ kind: 'refunded' });
    expect(asked().map(({ line }) => line)).to.deep.equal([
      'GET /payments?orderId=o-1',
      'POST /payments/refunds',
      'GET /payments?orderId=o-1',
    ]);
    expect(asked()[1]?.body).to.deep.equal({ orderId: 'o-1', amount: 1234 });
  });

  it('asks for nothing that would be remembered when there is nothing to give back', async () => {
    provider.answer(
      [200, { inFlight: 0, held: 0, captured: 0, refunded: 0 }],
      [200, { inFlight: 0, held: 0, captured: 0, refunded: 0 }],
    );
    expect(await gateway.void(order, call)).to.deep.equal({ kind: 'nothing-held' });
    expect(await gateway.refund(order, call)).to.deep.equal({ kind: 'nothing-captured' });
    expect(provider.asked.map(({ headers }) => headers['idempotency-key'])).to.deep.equal([undefined, undefined]);
  });

  it('gives nothing back while a request is under way that could still hold or charge something', async () => {
    const busy = { inFlight: 1, held: 1234, captured: 1234, refunded: 0 };
    provider.answer([200, busy], [200, busy]);
    expect(await failureOf(gateway.void(order, call))).to.be.instanceOf(TransientError);
    expect(await failureOf(gateway.refund(order, call))).to.be.instanceOf(TransientError);
    expect(asked()).to.have.length(2);
  });

  it('asks nobody to hold or charge nothing', async () => {
    expect((await gateway.authorize({ ...free, token }, call)).kind).to.equal('authorized');
    expect((await gateway.capture(free, call)).kind).to.equal('captured');
    expect(asked()).to.deep.equal([]);
  });
});
