import { expect } from 'chai';
import { appliedOf, patienceOf } from './patience.js';

describe('patience', () => {
  it('is as many seconds as are asked for, 25 at most', () => {
    expect(patienceOf('wait=10')).to.deep.equal({ waitS: 10, respondAsync: false });
    expect(patienceOf('wait=0')).to.deep.equal({ waitS: 0, respondAsync: false });
    expect(patienceOf('wait=26')).to.deep.equal({ waitS: 25, respondAsync: false });
    expect(patienceOf(`wait=${'9'.repeat(400)}`)).to.deep.equal({ waitS: 25, respondAsync: false });
    expect(patienceOf('respond-async, wait=3')).to.deep.equal({ waitS: 3, respondAsync: true });
  });

  it('is none where what is asked for is no number of seconds', () => {
    for (const wait of ['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon', 'wait=soon, wait=5', 'respond-async=1'])
      expect(patienceOf(wait), wait).to.deep.equal({ waitS: undefined, respondAsync: false });
  });

  it('is told to have been applied only where it was', () => {
    const both = patienceOf('respond-async, wait=30');
    expect(appliedOf(both, 'decided')).to.equal('wait=25');
    expect(appliedOf(both, 'late')).to.equal('respond-async, wait=25');
    expect(appliedOf(both, 'unawaited')).to.equal('respond-async');
    expect(appliedOf(patienceOf('wait=2'), 'unawaited')).to.equal(undefined);
    expect(appliedOf(patienceOf('handling=strict'), 'unawaited')).to.equal(undefined);
  });
});
