/** What the keyring has sealed in PostgreSQL: counted by key, and sealed anew when a key is to go. */
import type { Customer, Personal } from '../messaging/vocabulary.js';
import { reasonOf } from '../observability/reason.js';
import type { Keyring, Purpose } from '../secrets/keyring.js';
import { openPersonal } from '../secrets/persons.js';
import type { Database } from './database.js';

interface SealedColumn {
  /** In words, for the one who reads the counts. */
  readonly what: string;
  readonly table: string;
  /** The thing that it is bound to: a column that is a key of the table, and its type. */
  readonly subject: string;
  readonly type: 'uuid' | 'text';
  readonly column: string;
  readonly purpose: Purpose;
}

/** Every column there is. What is not listed is left behind when its key goes. */
const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    what: 'payment tokens',
    table: 'payments',
    subject: 'order_id',
    type: 'uuid',
    column: 'sealed_token',
    purpose: 'payment-token',
  },
  {
    what: 'webhook secrets',
    table: 'webhook_endpoints',
    subject: 'id',
    type: 'uuid',
    column: 'sealed_secret',
    purpose: 'webhook-secret',
  },
  {
    what: 'webhook secrets that are being replaced',
    table: 'webhook_endpoints',
    subject: 'id',
    type: 'uuid',
    column: 'sealed_previous_secret',
    purpose: 'webhook-secret',
  },
  {
    what: 'keys of orders',
    table: 'order_keys',
    subject: 'order_id',
    type: 'uuid',
    column: 'sealed_key',
    purpose: 'order-key',
  },
];

/** Not sealed, but made with a key all the same, which begins them. */
const CUSTOMER_DIGESTS = {
  what: 'customer digests',
  table: 'orders',
  subject: 'id',
  type: 'uuid',
  column: 'customer_digest',
} as const;

export interface SealedCount {
  readonly what: string;
  /** Id of the key. */
  readonly key: string;
  readonly count: number;
}

/** How much each key has sealed. Reads the tables whole. */
export async function sealedCounts(database: Database): Promise<SealedCount[]> {
  const counts: SealedCount[] = [];
  for (const { what, table, column } of [...SEALED_COLUMNS, CUSTOMER_DIGESTS]) {
    const { rows } = await database.query<{ key: string; count: number }>({
      text: `select split_part(${column}, '.', 1) as key, count(*) as count from ${table} where ${column} is not null group by 1 order by 1`,
    });
    counts.push(...rows.map(({ key, count }) => ({ what, key, count })));
  }
  return counts;
}

/**
 * Seals with the first key what others have sealed, beside the fleet that runs: what is used up or sealed anew meanwhile is left
 * as it is. Can be cut short and run again.
 * @returns how many, and why others were left
 */
export async function resealAll(database: Database, keyring: Keyring): Promise<{ resealed: number; left: string[] }> {
  const left: string[] = [];
  let resealed = 0;
  for (const { purpose, ...column } of SEALED_COLUMNS) {
    resealed += await makeAnew<MadeValue>(database, keyring, left, {
      ...column,
      anew: ({ id, made }) => keyring.seal(purpose, id, keyring.open(purpose, id, made)),
    });
  }
  resealed += await makeAnew<CustomerDigest>(database, keyring, left, {
    ...CUSTOMER_DIGESTS,
    besides: {
      columns: 'customer, sealed_key as "sealedKey"',
      join: 'join order_keys on order_keys.order_id = orders.id',
    },
    anew({ id, customer, sealedKey }) {
      const { email } = openPersonal<Customer>(keyring, { orderId: id, sealedKey }, 'customer', customer);
      return keyring.customerDigest(email);
    },
  });
  return { resealed, left };
}

/** A value that a key has made, which begins it, and the thing that has it. */
interface MadeValue {
  readonly id: string;
  readonly made: string;
}

interface CustomerDigest extends MadeValue {
  readonly customer: Personal<Customer>;
  readonly sealedKey: string;
}

interface MadeColumn<R extends MadeValue> extends Omit<SealedColumn, 'what' | 'purpose'> {
  /** What else of a row it takes. */
  readonly besides?: { readonly columns: string; readonly join: string };
  /** The same value, by the first key. Throws where it cannot be made. */
  readonly anew: (row: R) => string;
}

/** Rows read and written at once. */
const PAGE = 500;

/** Has the first key make what others have made. @param left is told why a value was left @returns how many were made */
async function makeAnew<R extends MadeValue>(
  database: Database,
  keyring: Keyring,
  left: string[],
  { table, subject, type, column, besides, anew }: MadeColumn<R>,
): Promise<number> {
  const [id, value] = [`${table}.${subject}`, `${table}.${column}`];
  let count = 0;
  let after: string | null = null;
  for (;;) {
    const { rows }: { rows: R[] } = await database.query({
      text: `select ${[`${id} as id`, `${value} as made`, ...(besides === undefined ? [] : [besides.columns])].join(', ')}
             from ${table} ${besides?.join ?? ''}
             where ${value} is not null and split_part(${value}, '.', 1) <> $1 and ($2::${type} is null or ${id} > $2)
             order by ${id} limit ${PAGE}`,
      values: [keyring.sealingKeyId, after],
    });
    const made = rows.flatMap((row) => {
      try {
        return [{ id: row.id, before: row.made, now: anew(row) }];
      } catch (error) {
        left.push(faultOf(error));
        return [];
      }
    });
    const { rowCount } = await database.query({
      text: `update ${table} set ${column} = anew.now from unnest($1::${type}[], $2::text[], $3::text[]) as anew (id, before, now)
             where ${id} = anew.id and ${value} = anew.before`,
      values: [made.map((one) => one.id), made.map(({ before }) => before), made.map(({ now }) => now)],
    });
    count += rowCount;
    if (rows.length < PAGE) return count;
    after = rows.at(-1)?.id ?? null;
  }
}

const faultOf = (error: unknown): string =>
  `${reasonOf(error)}${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`;
