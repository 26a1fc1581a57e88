import { expect } from 'chai';
import { linkTo, placeOf } from './place.js';

describe('a place in the console', () => {
  it('is read from the address that leads to it, whatever is in it', () => {
    const link = linkTo(['orders', 'a/b c'], { reference: 'web 1&2', status: '' });
    expect(placeOf(link)).to.deep.equal({ path: ['orders', 'a/b c'], query: { reference: 'web 1&2' } });
  });

  it('is the first screen without an address', () => {
    expect(placeOf('')).to.deep.equal({ path: [], query: {} });
  });
});
