import { expect } from 'chai';
import { allowanceOf } from './canary.js';

describe('how many letters of one fingerprint are redriven', () => {
  const nothing = { underWay: false, handled: false, repeated: false };

  it('is one at first, and none while its outcome is open', () => {
    expect(allowanceOf(nothing)).to.equal('canary');
    expect(allowanceOf({ ...nothing, underWay: true })).to.equal('wait');
  });

  it('is all once one was handled', () => {
    expect(allowanceOf({ ...nothing, handled: true, underWay: true })).to.equal('all');
  });

  it('is none once one has failed again in the same way, whatever others did', () => {
    expect(allowanceOf({ underWay: true, handled: true, repeated: true })).to.equal('suspended');
  });
});
