import { expect } from 'chai';
import { Lately } from './lately.js';

describe('what happened lately', () => {
  it('is what happened within this second or the one before, whichever has more', () => {
    const lately = new Lately();
    expect([0, 300, 999].map((nowMs) => lately.note(nowMs))).to.deep.equal([1, 2, 3]);
    expect(lately.note(1000)).to.equal(3);
    expect(lately.note(2500)).to.equal(1);
  });

  it('is forgotten after a second in which nothing happened', () => {
    const lately = new Lately();
    for (let times = 0; times < 5; times++) lately.note(0);
    expect(lately.note(2000)).to.equal(1);
  });
});
