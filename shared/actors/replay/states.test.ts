import { expect } from 'chai';
import { differences } from './states.js';

describe('what a rehearsed decision changes', () => {
  it('is told by the properties that differ, of a new state by all that are set', () => {
    const before = { onHand: 10, reserved: 0, lines: [{ sku: 'mug' }] };
    expect(differences(before, { onHand: 8, reserved: 2, lines: [{ sku: 'mug' }] })).to.deep.equal({
      onHand: { from: 10, to: 8 },
      reserved: { from: 0, to: 2 },
    });
    expect(differences(undefined, { score: 7, note: null })).to.deep.equal({ score: { from: null, to: 7 } });
    expect(differences(before, { ...before })).to.deep.equal({});
  });

  it('never tells what nobody may read', () => {
    expect(JSON.stringify(differences({ token: 'tok_visa' }, { token: null }))).not.to.include('tok_visa');
  });
});
