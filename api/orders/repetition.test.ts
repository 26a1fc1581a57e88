import { expect } from 'chai';
import { type Placed, repeated } from './repetition.js';

const request = (orderId: string, body: string) => ({ orderId, fingerprint: Buffer.from(body) });
const refusal = { status: 422, body: { code: 'order.unknown-sku' } };
const told = (placed: Placed): unknown => {
  if (placed.kind === 'refused') return placed.problem.code;
  return placed.kind === 'refused-before' ? placed.refusal : `${placed.kind} ${placed.orderId}`;
};

describe('a request whose idempotency key was used before', () => {
  it('gets the first one’s order when it asks for the same, and is refused when it asks for something else', () => {
    expect(told(repeated(request('new', 'body'), request('old', 'body')))).to.equal('replayed old');
    expect(told(repeated(request('new', 'body'), request('old', 'other')))).to.equal('request.idempotency-key-reused');
  });

  it('gets the first one’s refusal when it asks for the same, and another when it asks for something else', () => {
    const [same, other] = [
      { fingerprint: Buffer.from('body'), refusal },
      { fingerprint: Buffer.from('other'), refusal },
    ];
    expect(told(repeated(request('new', 'body'), same))).to.equal(refusal);
    expect(told(repeated(request('new', 'body'), other))).to.equal('request.idempotency-key-reused');
  });

  it('is no repetition when the order is its own, stored by a commit whose answer was lost', () => {
    expect(told(repeated(request('own', 'body'), request('own', 'body')))).to.equal('placed own');
  });
});
