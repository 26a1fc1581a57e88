import { expect } from 'chai';
import { validate, version } from 'uuid';
import { newId } from './message-id.js';

describe('a message id', () => {
  it('is a UUID v7 of the present millisecond', () => {
    const before = Date.now();
    const id = newId();
    expect(validate(id) && version(id)).to.equal(7);
    const at = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
    expect(at).to.be.within(before, Date.now());
  });

  it('is above all that were made before it, however many are made in a millisecond', () => {
    const ids = Array.from({ length: 5000 }, newId);
    expect(ids).to.deep.equal([...ids].sort());
    expect(new Set(ids).size).to.equal(ids.length);
  });
});
