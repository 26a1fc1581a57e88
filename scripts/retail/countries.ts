/** The countries of the data set, as it writes them, with what an address in each needs. */

export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string;
  readonly city: string;
  /** Postal codes are made from it: 9 stands for a digit, A for a letter. */
  readonly postalCode: string;
}

/** Where the shop is; also stands for what the data set calls unspecified, and for a country that it does not have. */
const HOME: Country = { code: 'GB', city: 'London', postalCode: 'AA9 9AA' };

const COUNTRIES: Readonly<Record<string, Country>> = {
  Australia: { code: 'AU', city: 'Melbourne', postalCode: '3999' },
  Austria: { code: 'AT', city: 'Wien', postalCode: '1999' },
  Bahrain: { code: 'BH', city: 'Manama', postalCode: '399' },
  Belgium: { code: 'BE', city: 'Gent', postalCode: '9999' },
  Brazil: { code: 'BR', city: 'São Paulo', postalCode: '09999-999' },
  Canada: { code: 'CA', city: 'Toronto', postalCode: 'M9A 9A9' },
  'Channel Islands': { code: 'JE', city: 'Saint Helier', postalCode: 'JE9 9AA' },
  Cyprus: { code: 'CY', city: 'Nicosia', postalCode: '1999' },
  'Czech Republic': { code: 'CZ', city: 'Brno', postalCode: '699 99' },
  Denmark: { code: 'DK', city: 'Aarhus', postalCode: '8999' },
  EIRE: { code: 'IE', city: 'Cork', postalCode: 'A99 A9A9' },
  'European Community': { code: 'BE', city: 'Brussels', postalCode: '1999' },
  Finland: { code: 'FI', city: 'Turku', postalCode: '29999' },
  France: { code: 'FR', city: 'Nantes', postalCode: '44999' },
  Germany: { code: 'DE', city: 'Köln', postalCode: '59999' },
  Greece: { code: 'GR', city: 'Patra', postalCode: '269 99' },
  'Hong Kong': { code: 'HK', city: 'Kowloon', postalCode: '999077' },
  Iceland: { code: 'IS', city: 'Reykjavík', postalCode: '199' },
  Israel: { code: 'IL', city: 'Haifa', postalCode: '3999999' },
  Italy: { code: 'IT', city: 'Torino', postalCode: '19999' },
  Japan: { code: 'JP', city: '京都市', postalCode: '699-9999' },
  Lebanon: { code: 'LB', city: 'Beirut', postalCode: '1999 9999' },
  Lithuania: { code: 'LT', city: 'Kaunas', postalCode: 'LT-49999' },
  Malta: { code: 'MT', city: 'Valletta', postalCode: 'VLT 9999' },
  Netherlands: { code: 'NL', city: 'Utrecht', postalCode: '3999 AA' },
  Norway: { code: 'NO', city: 'Bergen', postalCode: '5999' },
  Poland: { code: 'PL', city: 'Łódź', postalCode: '99-999' },
  Portugal: { code: 'PT', city: 'Porto', postalCode: '4999-999' },
  RSA: { code: 'ZA', city: 'Durban', postalCode: '4999' },
  'Saudi Arabia': { code: 'SA', city: 'Riyadh', postalCode: '19999' },
  Singapore: { code: 'SG', city: 'Singapore', postalCode: '599999' },
  Spain: { code: 'ES', city: 'Sevilla', postalCode: '49999' },
  Sweden: { code: 'SE', city: 'Göteborg', postalCode: '499 99' },
  Switzerland: { code: 'CH', city: 'Zürich', postalCode: '8999' },
  USA: { code: 'US', city: 'Chicago', postalCode: '69999' },
  'United Arab Emirates': { code: 'AE', city: 'Sharjah', postalCode: '99999' },
  'United Kingdom': HOME,
};

export const countryOf = (name: string): Country => COUNTRIES[name] ?? HOME;
