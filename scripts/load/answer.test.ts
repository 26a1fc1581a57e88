import { expect } from 'chai';
import { answerOf, answerOfError } from './answer.js';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  answerOf({ status, header: (name) => headers[name], text: JSON.stringify(body) ?? '' }, (parsed) => parsed);
const errorWith = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('what an answer means', () => {
  it('is done for a success, replayed when the intake says so', () => {
    expect(answer(202, { orderId: 'a' })).to.deep.equal({ kind: 'accepted', body: { orderId: 'a' }, replayed: false });
    expect(answer(202, {}, { 'idempotency-replayed': 'true' })).to.include({ kind: 'accepted', replayed: true });
  });

  it('is to come again later for 429 and 503, and for a key in flight, after what Retry-After says', () => {
    expect(answer(503, { code: 'intake.overloaded' }, { 'retry-after': '2' })).to.deep.equal({
      kind: 'later',
      reason: 'intake.overloaded',
      afterMs: 2000,
    });
    expect(answer(429, undefined)).to.deep.equal({ kind: 'later', reason: 'HTTP 429' });
    expect(answer(409, { code: 'request.idempotency-key-in-flight' }, { 'retry-after': '1' }).kind).to.equal('later');
  });

  it('is a definite no for any other refusal, by the code of its problem', () => {
    const refusal = { kind: 'refused', reason: 'order.unknown-sku', detail: 'no X' };
    expect(answer(422, { code: 'order.unknown-sku', detail: 'no X' })).to.deep.equal(refusal);
    expect(answer(409, { code: 'order.already-shipped' })).to.include({
      kind: 'refused',
      reason: 'order.already-shipped',
    });
    expect(answer(404, '<html>')).to.include({ kind: 'refused', reason: 'HTTP 404' });
  });

  it('is unknown for every other 5xx and for a connection that broke', () => {
    expect([500, 502, 504, 408].map((status) => answer(status, {}).kind)).to.deep.equal(Array(4).fill('unknown'));
    expect(answerOfError(errorWith('UND_ERR_SOCKET'))).to.deep.equal({ kind: 'unknown', reason: 'UND_ERR_SOCKET' });
    expect(answerOfError(errorWith('UND_ERR_HEADERS_TIMEOUT')).kind).to.equal('unknown');
  });

  it('is not done when nothing was sent', () => {
    expect(answerOfError(errorWith('ECONNREFUSED'))).to.deep.equal({ kind: 'later', reason: 'ECONNREFUSED' });
    const both = new AggregateError([errorWith('ECONNREFUSED'), errorWith('ECONNREFUSED')]);
    expect(answerOfError(both)).to.deep.equal({ kind: 'later', reason: 'ECONNREFUSED' });
  });

  it('is no answer of Warren when a success holds something else', () => {
    const http = { status: 200, header: () => undefined, text: '<html>' };
    const unfit = answerOf(http, () => {
      throw new Error('no order');
    });
    expect(unfit).to.deep.equal({ kind: 'refused', reason: 'not an answer of Warren', detail: 'no order' });
  });
});
