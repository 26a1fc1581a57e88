/** One line of the data set, and why some lines are no order line. Pure. */

/** The columns that are read; a file may have others besides, in any order. */
export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;
export type Column = (typeof COLUMNS)[number];

/**
 * - `cancellation`: of an invoice `C…`, which takes back goods that were bought earlier.
 * - `no price`, `no quantity`: zero or negative; the shop's own corrections of its stock.
 * - `unreadable`: a field is missing, or is not what its column says.
 */
export type SkipReason = 'cancellation' | 'no price' | 'no quantity' | 'unreadable';

export interface RetailLine {
  readonly invoice: string;
  /** The stock code as it is written: `85123A` and `85123a` are two. */
  readonly sku: string;
  /** Empty where the file has none. */
  readonly description: string;
  /** Pieces, at least 1. */
  readonly quantity: number;
  /** In pence, at least 1. */
  readonly price: number;
  /** Empty for a guest. */
  readonly customer: string;
  readonly country: string;
}

const SKU_LENGTH = 64;
const WHOLE = /^-?\d{1,9}$/;
const DECIMAL = /^(-?)(\d{1,9})(?:\.(\d{1,9}))?$/;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/u;

/**
 * An order line, or why it is none. Codes that are no article (postage, manual entries, bank charges) are order lines like
 * any other when they have a price and a quantity: the shop charged them.
 */
export function readLine(fields: Readonly<Record<Column, string | undefined>>): RetailLine | SkipReason {
  const invoice = fields.InvoiceNo?.trim() ?? '';
  const sku = fields.StockCode?.trim() ?? '';
  const { Description, Quantity, UnitPrice, CustomerID, Country } = fields;
  if (/^c/i.test(invoice)) return 'cancellation';
  if (Description === undefined || CustomerID === undefined || Country === undefined) return 'unreadable';
  if (invoice === '' || sku === '' || sku.length > SKU_LENGTH) return 'unreadable';
  if (UNPRINTABLE.test(invoice) || UNPRINTABLE.test(sku)) return 'unreadable';
  const quantity = WHOLE.test(Quantity?.trim() ?? '') ? Number(Quantity) : undefined;
  const price = penceOf(UnitPrice?.trim() ?? '');
  if (quantity === undefined || price === undefined) return 'unreadable';
  if (price <= 0) return 'no price';
  if (quantity <= 0) return 'no quantity';
  return {
    invoice,
    sku,
    description: Description.replaceAll(new RegExp(UNPRINTABLE, 'gu'), ' ').trim(),
    quantity,
    price,
    customer: CustomerID.trim(),
    country: Country.trim(),
  };
}

/** Pence of a decimal amount of pounds, rounded half up; never through a binary fraction. */
function penceOf(amount: string): number | undefined {
  const match = DECIMAL.exec(amount);
  if (match === null) return undefined;
  const [, sign, pounds = '', fraction = ''] = match;
  const digits = fraction.padEnd(3, '0');
  const pence = Number(pounds) * 100 + Number(digits.slice(0, 2)) + (Number(digits[2]) >= 5 ? 1 : 0);
  return sign === '-' ? -pence : pence;
}
