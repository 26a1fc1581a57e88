/** 10: what was handed in as a secret stands nowhere but where it has to. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Evidence } from '../evidence.js';
import type { Found, Invariant, Violation } from '../invariant.js';
import { NoEvidence } from '../no-evidence.js';
import { secretsIn } from '../sources/secret-hunt.js';

/** Hits that are named in one place. */
const NAMED = 20;

export const secrets: Invariant = {
  number: 10,
  title: 'secrets',
  checks: [
    { what: 'no row of the database holds one', holds: 'always', find: findInTables },
    { what: 'no key of Redis holds one', holds: 'always', find: findInRedis },
    { what: 'no log holds one', holds: 'always', find: findInLogs },
  ],
};

interface Hit {
  readonly orderId: string | null;
  readonly secret: number;
}

/** All tables there are, whoever made them: payment tokens are sealed, storefronts hold hashes. */
async function findInTables({ database, sources }: Evidence): Promise<Found> {
  const hunt = await sources.secrets();
  const tables = await database.query<{ name: string; quoted: string }>({
    text: `select relname as name, quote_ident(relname) as quoted from pg_class
           where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by relname`,
  });
  const violations: Violation[] = [];
  for (const { name, quoted } of tables.rows) {
    const { rows } = await database.query<Hit>({
      text: `select coalesce(to_jsonb(row) ->> 'order_id', to_jsonb(row) ->> 'correlation_id',
                      case when $2 = 'orders' then to_jsonb(row) ->> 'id' end) as "orderId", secret.place as secret
             from ${quoted} as row
               join unnest($1::text[]) with ordinality as secret (text, place) on position(secret.text in row::text) > 0 limit ${NAMED}`,
      values: [hunt.secrets, name],
    });
    for (const { orderId, secret } of rows) {
      const what = `secret ${secret} stands in table ${name}`;
      violations.push(orderId === null ? { subject: `table ${name}`, what } : { orderId, what });
    }
  }
  return { checked: tables.rows.length, violations };
}

async function findInRedis({ sources }: Evidence): Promise<Found> {
  const { secrets, redis } = await sources.secrets();
  if (redis === undefined) throw new NoEvidence('left-out', 'no Redis is named: set REDIS_URL');
  const violations: Violation[] = [];
  let checked = 0;
  try {
    for await (const { key, text } of redis()) {
      checked += 1;
      for (const place of secretsIn(text, secrets)) {
        violations.push({ subject: `Redis key ${nameOf(key)}`, what: `holds secret ${place}` });
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoEvidence('unreached', `Redis does not answer (${why}): mend REDIS_URL`);
  }
  return { checked, violations };

  /** The key itself may hold it. */
  function nameOf(key: string): string {
    return secretsIn(key, secrets).length > 0 ? '(its name is or holds the secret)' : key;
  }
}

async function findInLogs({ sources }: Evidence): Promise<Found> {
  const { secrets, logs } = await sources.secrets();
  if (logs === undefined) throw new NoEvidence('left-out', 'no logs are given: --log FILES');
  const violations: Violation[] = [];
  let checked = 0;
  for (const path of logs) {
    try {
      let at = 0;
      for await (const line of createInterface({ input: createReadStream(path) })) {
        at += 1;
        checked += 1;
        for (const place of secretsIn(line, secrets)) {
          violations.push({ subject: `${path}, line ${at}`, what: `holds secret ${place}` });
        }
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new NoEvidence('unreached', `${path} cannot be read: ${why}`);
    }
  }
  return { checked, violations };
}
