import { expect } from 'chai';
import fc from 'fast-check';
import { fingerprintOf } from './fingerprint.js';

const hex = (content: unknown): string => fingerprintOf(content).toString('hex');

describe('the fingerprint of a request', () => {
  it('does not depend on the order of members, at any depth', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(hex(reversed(value))).to.equal(hex(value));
      }),
    );
  });

  it('is what it was in every release: it is kept for seven days', () => {
    const content = {
      customer: { name: 'Ada "Q" Ünal', email: 'ada@example.com' },
      shippingAddress: { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' },
      lines: [
        { sku: 'MUG-BURROW', quantity: 2 },
        { sku: 'SOAP-OAT', quantity: 1 },
      ],
      paymentToken: 'tok_ok',
      reference: undefined,
      10: [null, true, [], {}],
      9: 0.1,
    };
    expect(hex(content)).to.equal('e38202c815f0b3425705038d56637b20eae5ab29c61ea767519b0570cc94b232');
  });

  it('differs where the content does', () => {
    const contents = [
      {},
      [],
      null,
      '',
      0,
      { a: 1 },
      { a: '1' },
      { a: [1] },
      { a: { b: 1 } },
      { b: { a: 1 } },
      { a: 1, b: 2 },
      { a: 2, b: 1 },
      [1, 2],
      [2, 1],
      [[1], 2],
      { 'a":1,"b': 2 },
    ];
    expect(new Set(contents.map(hex)).size).to.equal(contents.length);
  });
});

/** The same value with its members the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
