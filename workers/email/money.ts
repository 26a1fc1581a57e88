/** Amounts of money for people to read. */
import type { Money } from '../../shared/messaging/vocabulary.js';

/** `{ amount: 1234, currency: 'GBP' }` is `£12.34`; exact for every amount that a number can hold. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const minor = String(amount).padStart(digits + 1, '0');
  const point = minor.length - digits;
  // A decimal string, since a quotient would round large amounts. The compiler cannot see that it is one.
  const decimal = `${minor.slice(0, point)}.${minor.slice(point) || '0'}` as `${number}`;
  return formatterOf(currency, digits).format(decimal);
}

/**
 * Digits after the point by ISO 4217 (list one, 2026). Not asked of Intl: it goes by custom, with none for HUF or PKR,
 * whose minor units are hundredths all the same.
 */
function minorDigits(currency: string): number {
  if (WHOLE.has(currency)) return 0;
  if (THOUSANDTHS.has(currency)) return 3;
  return TEN_THOUSANDTHS.has(currency) ? 4 : 2;
}

const WHOLE = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const THOUSANDTHS = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
const TEN_THOUSANDTHS = new Set('CLF UYW'.split(' '));

// Making a formatter costs more than making a mail.
const formatters = new Map<string, Intl.NumberFormat>();

function formatterOf(currency: string, digits: number): Intl.NumberFormat {
  const known = formatters.get(currency);
  if (known) return known;
  const formatter = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formatters.set(currency, formatter);
  return formatter;
}
