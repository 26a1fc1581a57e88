import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { drawKey, isSameHash, modeFor, prefixOf } from './key.js';

describe('a key of a storefront', () => {
  it('has 192 random bits that its public part does not tell', () => {
    const drawn = Array.from({ length: 1000 }, () => drawKey('live'));
    for (const { prefix, key } of drawn) {
      expect(key).to.match(/^wk_live_[0-9a-f]{12}_[\w-]{32}$/);
      expect(prefixOf(key)).to.equal(prefix);
      expect(key.startsWith(`${prefix}_`)).to.equal(true);
    }
    expect(new Set(drawn.map(({ key }) => key.slice(-32))).size).to.equal(1000);
    expect(new Set(drawn.map(({ prefix }) => prefix)).size).to.equal(1000);
  });

  it('says whether it is for production', () => {
    expect(drawKey('test').key).to.match(/^wk_test_/);
    expect([modeFor('production'), modeFor('development'), modeFor('test')]).to.deep.equal(['live', 'test', 'test']);
  });

  it('has no public part when it is written otherwise', () => {
    const { prefix, key } = drawKey('live');
    for (const other of [
      '',
      prefix,
      `${prefix}_`,
      ` ${key}`,
      `${key} `,
      key.replace('live', 'else'),
      `x${key}`,
      'a'.repeat(40),
    ])
      expect(prefixOf(other), other).to.equal(undefined);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = prefixOf(text);
        expect(found === undefined || text.startsWith(`${found}_`)).to.equal(true);
      }),
    );
  });

  it('is known by every bit of its hash: one that differs anywhere, or is longer or shorter, is another key’s', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(255), (key, bit) => {
        const hash = createHash('sha256').update(key).digest();
        const other = Buffer.from(hash);
        other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(isSameHash(hash, Buffer.from(hash))).to.equal(true);
        expect(isSameHash(hash, other)).to.equal(false);
        expect(isSameHash(hash, hash.subarray(0, bit >> 3))).to.equal(false);
        expect(isSameHash(hash, Buffer.concat([hash, other]))).to.equal(false);
      }),
      { numRuns: 1000 },
    );
  });
});
