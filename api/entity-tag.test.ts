import { expect } from 'chai';
import { names } from './entity-tag.js';

describe('If-None-Match', () => {
  it('names a tag alone or in a list, weak or strong, or every tag by a star', () => {
    for (const list of ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a" , "c"', '*', ' * '])
      expect(names(list, '"a"'), list).to.equal(true);
  });

  it('does not name what it does not have', () => {
    for (const list of [undefined, '', '"b"', 'a', '"A"', '"b, a"', '"*"', 'W/"aa"', '"a']) {
      expect(names(list, '"a"'), String(list)).to.equal(false);
    }
  });
});
