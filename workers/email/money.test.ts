import { expect } from 'chai';
import { formatMoney } from './money.js';

describe('money for people to read', () => {
  const examples: [amount: number, currency: string, expected: string][] = [
    [1234, 'GBP', '£12.34'],
    [0, 'GBP', '£0.00'],
    [5, 'USD', '$0.05'],
    [123456700, 'EUR', '€1,234,567.00'],
    [1234, 'JPY', '¥1,234'],
    [1234, 'KWD', 'KWD 1.234'],
    [1234, 'HUF', 'HUF 12.34'],
    [Number.MAX_SAFE_INTEGER, 'GBP', '£90,071,992,547,409.91'],
  ];
  for (const [amount, currency, expected] of examples) {
    it(`writes ${amount} minor units of ${currency} as ${expected}`, () => {
      expect(formatMoney({ amount, currency }).replace('\u00a0', ' ')).to.equal(expected);
    });
  }
});
