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
const CUSTOMER_DIGESTS = { what: 'customer digests', table: 'orders', column: 'customer_digest' };

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

/** Rows read and written at once. */
const PAGE = 500;

/**
 * Seals with the first key what others have sealed, beside the fleet that runs: what is used up or sealed anew meanwhile is left
 * as it is. Can be cut short and run again.
 * @returns how many, and why others were left
 */
export async function resealAll(database: Database, keyring: Keyring): Promise<{ resealed: number; left: string[] }> {
  const left: string[] = [];
  let resealed = 0;
  for (const { table, subject, type, column, purpose } of SEALED_COLUMNS) {
    let after: string | null = null;
    for (;;) {
      const { rows }: { rows: { id: string; sealed: string }[] } = await database.query({
        text: `select ${subject}::text as id, ${column} as sealed from ${table}
               where ${column} is not null and split_part(${column}, '.', 1) <> $1 and ($2::${type} is null or ${subject} > $2)
               order by ${subject} limit ${PAGE}`,
        values: [keyring.sealingKeyId, after],
      });
      const anew = rows.flatMap(({ id, sealed }) => {
        try {
          return [{ id, sealed, now: keyring.seal(purpose, id, keyring.open(purpose, id, sealed)) }];
        } catch (error) {
          left.push(faultOf(error));
          return [];
        }
      });
      const { rowCount } = await database.query({
        text: `update ${table} set ${column} = anew.now
               from unnest($1::${type}[], $2::text[], $3::text[]) as anew (id, sealed, now)
               where ${table}.${subject} = anew.id and ${table}.${column} = anew.sealed`,
        values: [anew.map(({ id }) => id), anew.map(({ sealed }) => sealed), anew.map(({ now }) => now)],
      });
      resealed += rowCount;
      if (rows.length < PAGE) break;
      after = rows.at(-1)?.id ?? null;
    }
  }
  resealed += await digestAnew(database, keyring, left);
  return { resealed, left };
}

/** What customers are found by, made anew with the first key. */
async function digestAnew(database: Database, keyring: Keyring, left: string[]): Promise<number> {
  let made = 0;
  let after: string | null = null;
  for (;;) {
    const { rows }: { rows: DigestedOrder[] } = await database.query({
      text: `select id, customer, customer_digest as digest, sealed_key as "sealedKey" from orders join order_keys on order_id = id
             where customer_digest is not null and split_part(customer_digest, '.', 1) <> $1 and ($2::uuid is null or id > $2)
             order by id limit ${PAGE}`,
      values: [keyring.sealingKeyId, after],
    });
    const anew = rows.flatMap(({ id, customer, digest, sealedKey }) => {
      try {
        const { email } = openPersonal<Customer>(keyring, { orderId: id, sealedKey }, 'customer', customer);
        return [{ id, digest, now: keyring.customerDigest(email) }];
      } catch (error) {
        left.push(faultOf(error));
        return [];
      }
    });
    const { rowCount } = await database.query({
      text: `update orders set customer_digest = anew.now from unnest($1::uuid[], $2::text[], $3::text[]) as anew (id, digest, now)
             where orders.id = anew.id and customer_digest = anew.digest`,
      values: [anew.map(({ id }) => id), anew.map(({ digest }) => digest), anew.map(({ now }) => now)],
    });
    made += rowCount;
    if (rows.length < PAGE) return made;
    after = rows.at(-1)?.id ?? null;
  }
}

interface DigestedOrder {
  readonly id: string;
  readonly customer: Personal<Customer>;
  readonly digest: string;
  readonly sealedKey: string;
}

const faultOf = (error: unknown): string =>
  `${reasonOf(error)}${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`;
