/** The invoices of a file over and over, each time as other invoices. Pure. */
import type { Invoice } from './retail-file.js';

/** @throws {RangeError} when there is none to repeat */
export function repeated(invoices: readonly Invoice[], count: number): Invoice[] {
  if (invoices.length === 0) throw new RangeError('the file has no invoice with an order line');
  return Array.from({ length: count }, (_, at) => {
    // There is one, and the remainder is smaller than their number.
    const invoice = invoices[at % invoices.length] as Invoice;
    const round = Math.floor(at / invoices.length) + 1;
    return { ...invoice, number: `${round}-${invoice.number}` };
  });
}
