import { expect } from 'chai';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-11-21T10:00:00Z');

describe('Retry-After', () => {
  const headers: Record<string, number | undefined> = {
    '7': 7_000,
    'Sat, 21 Nov 2026 10:01:30 GMT': 90_000,
    'Sat, 21 Nov 2026 09:00:00 GMT': undefined,
    '0': undefined,
    '-3': undefined,
    soon: undefined,
    '': undefined,
  };
  for (const [header, expected] of Object.entries(headers)) {
    it(`of "${header}" is ${expected ?? 'no wish'}${expected === undefined ? '' : ' ms'}`, () => {
      expect(retryAfterMs(header, NOW)).to.equal(expected);
    });
  }

  it('may be missing', () => expect(retryAfterMs(undefined, NOW)).to.equal(undefined));
});
