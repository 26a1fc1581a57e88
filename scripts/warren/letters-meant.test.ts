import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import { meant } from './letters-meant.js';

describe('which dead letters are meant', () => {
  it('is one by its name, several by theirs, and all that fit a filter', () => {
    expect(meant(['a'], {})).to.deep.equal({ one: 'a' });
    expect(meant(['a', 'b'], {}))
      .to.have.nested.property('many.filter.ids')
      .deep.equal(['a', 'b']);
    expect(meant(['a'], { actor: 'email' })).to.have.nested.property('many.filter.actor', 'email');
    expect(meant([], { code: 'x' })).to.have.nested.property('many.filter.code', 'x');
    expect(meant([], { all: true })).to.deep.equal({ many: { all: true } });
  });

  it('is never all where that is not said, and nothing else where it is', () => {
    expect(() => meant([], {})).to.throw(InvalidArgumentError);
    expect(() => meant(['a'], { all: true })).to.throw(InvalidArgumentError);
    expect(() => meant([], { actor: 'email', all: true })).to.throw(InvalidArgumentError);
  });
});
