import { expect } from 'chai';
import { growthOf } from './memory-watch.js';

describe('how memory grows', () => {
  const looks = (count: number, ofLook: (at: number) => readonly number[]) =>
    Array.from({ length: count }, (_, at) => ofLook(at));

  it('is told by the first and the last tenth of the looks, and not by a peak between them', () => {
    const steady = looks(20, (at) => (at === 10 ? [900, 900] : [100, 50]));
    expect(growthOf(steady)).to.deep.equal({ first: 150, last: 150, most: 1 });
  });

  it('is that of the process which grew most, though another gave as much back', () => {
    expect(growthOf(looks(20, (at) => (at < 10 ? [100, 50] : [50, 100])))).to.deep.equal({
      first: 150,
      last: 150,
      most: 2,
    });
  });

  it('is none after a single look', () => {
    expect(growthOf([[100]])).to.deep.equal({ first: 100, last: 100, most: 1 });
  });
});
