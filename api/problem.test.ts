import { expect } from 'chai';
import { FAULTS_AT_MOST, Problem, pointerToken } from './problem.js';
import { problemOf } from './refusal.js';

describe('a problem', () => {
  it('is answered with the members of RFC 9457, its code and its faults', () => {
    const faults = [{ pointer: '/lines/0/sku', detail: 'CUP is not in the catalogue' }];
    expect(new Problem('order.unknown-sku', 'Order what there is.', { faults }).body()).to.deep.equal({
      type: 'urn:warren:problem:order.unknown-sku',
      title: 'The catalogue does not have it',
      status: 422,
      detail: 'Order what there is.',
      code: 'order.unknown-sku',
      errors: faults,
    });
  });

  it('names a bounded number of faults', () => {
    const faults = Array.from({ length: 1000 }, (_, index) => ({ pointer: `/lines/${index}`, detail: 'is wrong' }));
    expect(new Problem('request.invalid', 'See "errors".', { faults }).faults).to.have.length(FAULTS_AT_MOST);
  });

  it('tells nothing of an error that is ours', () => {
    const body = JSON.stringify(problemOf(new TypeError('cannot read secret of undefined')).body());
    expect(body).to.contain('"status":500').and.not.contain('secret');
  });

  it('asks to try again when the database is away, and does not say where it is', () => {
    const problem = problemOf(new Error('connect ECONNREFUSED 10.0.0.7:5432'));
    expect(problem).to.include({ status: 503, retryAfterS: 2 });
    expect(JSON.stringify(problem.body())).not.to.contain('10.0.0.7');
  });

  it('points at names with characters that mean something in a pointer', () => {
    expect(pointerToken('a/b~c')).to.equal('a~1b~0c');
  });
});
