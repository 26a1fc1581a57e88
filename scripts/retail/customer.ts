/** People for a data set that names none: the same customer number gives the same person. Pure. */

import { countryOf } from './countries.js';
import { digest } from './digest.js';
import type { Invoice } from './retail-file.js';

export interface Buyer {
  readonly customer: { readonly name: string; readonly email: string };
  readonly shippingAddress: {
    readonly line1: string;
    readonly city: string;
    readonly postalCode: string;
    /** ISO 3166-1 alpha-2. */
    readonly country: string;
  };
}

const FIRST = [
  'Ada',
  'Björn',
  'Chloë',
  'David',
  'Emeka',
  'Fátima',
  'Grace',
  'Hana',
  'Ivan',
  'Joan',
  'Kenji',
  'Lucía',
  'Mei',
  'Noor',
  'Owen',
  'Priya',
];
const LAST = [
  'Adeyemi',
  'Baker',
  'Čapek',
  'Dupont',
  'Eriksen',
  'Fischer',
  "O'Brien",
  'Haddad',
  'Ito',
  'Kowalski',
  'Martins',
  'Murphy',
  'Nowak',
  'Rossi',
  'Smith',
  'van Dijk',
];
const STREETS = [
  'Church Lane',
  'High Street',
  'Mill Road',
  'Orchard Way',
  'Park Avenue',
  'Queen Street',
  'Station Road',
  'Victoria Terrace',
];

/** Who ordered, and where it goes. A guest, without a number, is somebody else in every invoice. */
export function buyerOf({ number, customer, country }: Pick<Invoice, 'number' | 'customer' | 'country'>): Buyer {
  const id = customer === '' ? `guest-${number}` : customer;
  const dice = digest(`buyer ${id} ${country}`);
  const pick = (from: readonly string[], at: number): string => from[(dice[at] ?? 0) % from.length] ?? '';
  const { code, city, postalCode } = countryOf(country);
  return {
    // example.com is reserved by RFC 2606: no mail ever reaches anybody.
    customer: { name: `${pick(FIRST, 0)} ${pick(LAST, 1)}`, email: `customer-${localPart(id)}@example.com` },
    shippingAddress: {
      line1: `${1 + (dice[2] ?? 0)} ${pick(STREETS, 3)}`,
      city,
      postalCode: postalCode.replace(/[9A]/g, (sign, at: number) => signOf(sign, dice[4 + at] ?? 0)),
      country: code,
    },
  };
}

const localPart = (id: string): string =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 40);

const signOf = (sign: string, die: number): string =>
  sign === '9' ? String(die % 10) : String.fromCharCode('A'.charCodeAt(0) + (die % 26));
