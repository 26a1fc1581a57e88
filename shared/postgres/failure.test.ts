import { expect } from 'chai';
import { databaseFailure } from './failure.js';

describe('what follows from a failed statement', () => {
  it('is to try again later when Node tells only by its code that the connection is gone', () => {
    const ended = Object.assign(new Error('This socket has been ended by the other party'), { code: 'EPIPE' });
    const unreachable = Object.assign(new Error('connect'), { code: 'ENETUNREACH' });
    expect([ended, unreachable].map(databaseFailure)).to.deep.equal(['unavailable', 'unavailable']);
  });

  it('is nothing that the database decides when the error is not its own', () => {
    expect(databaseFailure(new TypeError('no such order'))).to.equal(undefined);
  });
});
