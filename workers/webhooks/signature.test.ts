import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { signatureHeaders } from './signature.js';

const secret = (fill: number): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
const body = '{"type":"order.shipped","timestamp":"2026-11-22T10:00:00.000Z","data":{"reference":"Bücher €"}}';

describe('the signature of a webhook', () => {
  it("is that of the specification's own example", () => {
    const signed = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: new Date(1_614_265_330_000),
      body: '{"test": 2432232314}',
    };
    const headers = signatureHeaders(signed, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    expect(headers).to.deep.equal({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is accepted by another implementation, with either of two secrets and with no third', () => {
    const headers = signatureHeaders({ id: 'evt_1', at: new Date(), body }, [secret(1), secret(2)]);
    for (const known of [secret(1), secret(2)])
      expect(new Webhook(known).verify(body, headers)).to.deep.equal(JSON.parse(body));
    expect(() => new Webhook(secret(3)).verify(body, headers)).to.throw('No matching signature found');
  });

  it('holds for one body, one id and one time', () => {
    const headers = signatureHeaders({ id: 'evt_1', at: new Date(), body }, [secret(1)]);
    const verifier = new Webhook(secret(1));
    expect(() => verifier.verify(`${body} `, headers)).to.throw();
    expect(() => verifier.verify(body, { ...headers, 'webhook-id': 'evt_2' })).to.throw();
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => verifier.verify(body, { ...headers, 'webhook-timestamp': later })).to.throw();
  });
});
