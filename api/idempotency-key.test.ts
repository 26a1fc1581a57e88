import { expect } from 'chai';
import { idempotencyKeyOf } from './idempotency-key.js';
import { Problem } from './problem.js';

const read = (key?: string): string =>
  idempotencyKeyOf({ headers: key === undefined ? {} : { 'idempotency-key': key } });

describe('an idempotency key', () => {
  it('is 1 to 255 visible ASCII characters', () => {
    for (const key of ['a', '~'.repeat(255), '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}']) expect(read(key)).to.equal(key);
  });

  it('is refused when missing, empty, too long, or with other characters', () => {
    for (const key of [undefined, '', 'a'.repeat(256), 'a b', 'a, b', 'a\tb', 'schlüssel', '\u007f']) {
      expect(() => read(key), JSON.stringify(key))
        .to.throw(Problem)
        .with.property('code', 'request.idempotency-key');
    }
  });
});
