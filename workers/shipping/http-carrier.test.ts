import { expect } from 'chai';
import { TransientError } from '../../shared/actors/errors.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { lines, placed } from '../../test/support/sample-order.js';
import { failureOf, type ScriptedHttp, startScriptedHttp } from '../../test/support/scripted-http.js';
import { sturdyProvider } from '../../test/support/sturdy-provider.js';
import { HttpCarrier } from './http-carrier.js';

const parcel = { orderId: 'o-1', address: placed.shippingAddress, lines };

describe('shipping over HTTP', () => {
  let provider: ScriptedHttp;
  let api: IdempotentApi;
  let carrier: HttpCarrier;
  const call = { idempotencyKey: 'o-1:ship', signal: new AbortController().signal };
  beforeEach(async () => {
    provider = await startScriptedHttp();
    const options = { timeoutMs: 1_000, connections: 10, provider: sturdyProvider() };
    api = new IdempotentApi({ name: 'carrier', url: provider.url, apiKey: 'key', ...options });
    carrier = new HttpCarrier(api);
  });
  afterEach(async () => {
    await api.close();
    await provider.close();
  });
  const asked = () => provider.asked.map(({ line, body }) => ({ line, body }));

  it('hands the parcel over and gets its tracking number', async () => {
    provider.answer([201, { status: 'labelled', carrier: 'Parcel & Co', trackingNumber: 'P1' }]);
    expect(await carrier.ship(parcel, call)).to.deep.equal({
      kind: 'shipped',
      carrier: 'Parcel & Co',
      trackingNumber: 'P1',
    });
    expect(asked()).to.deep.equal([{ line: 'POST /shipments', body: parcel }]);
  });

  it('tells why a parcel was refused', async () => {
    provider.answer([422, { code: 'address_refused', reason: 'nobody lives there' }]);
    expect(await carrier.ship(parcel, call)).to.deep.equal({ kind: 'refused', reason: 'nobody lives there' });
  });

  it('takes an answer without a tracking number for unknown', async () => {
    provider.answer([201, { carrier: 'Parcel & Co' }]);
    expect(await failureOf(carrier.ship(parcel, call))).to.be.instanceOf(TransientError);
  });

  it('takes back what was handed over', async () => {
    provider.answer(
      [200, { inFlight: 0, labels: [{ trackingNumber: 'P1', status: 'active' }] }],
      [201, { status: 'cancelled' }],
    );
    await carrier.cancel('o-1', call);
    expect(asked()).to.deep.equal([
      { line: 'GET /shipments?orderId=o-1', body: undefined },
      { line: 'POST /shipments/cancel', body: { orderId: 'o-1' } },
    ]);
  });

  it('takes nothing back while a request is under way that could still ship it', async () => {
    provider.answer([200, { inFlight: 1, labels: [] }]);
    expect(await failureOf(carrier.cancel('o-1', call))).to.be.instanceOf(TransientError);
    expect(asked()).to.have.length(1);
  });

  it('asks for nothing that would be remembered when there is nothing to take back', async () => {
    const cancelled = { trackingNumber: 'P1', status: 'cancelled' };
    provider.answer([200, { inFlight: 0, labels: [] }], [200, { inFlight: 0, labels: [cancelled] }]);
    await carrier.cancel('o-1', call);
    await carrier.cancel('o-1', call);
    expect(asked().map(({ line }) => line)).to.deep.equal(Array(2).fill('GET /shipments?orderId=o-1'));
  });
});
