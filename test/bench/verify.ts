/** Whether all the work was done: every order shipped, and every invariant of the auditor holds. */
import 'reflect-metadata';
import { audit, faultsOf } from '../../audit/auditor.js';
import type { Evidence, Sources } from '../../audit/evidence.js';
import { grouped } from '../../audit/grouped.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { leftOut, once } from '../../audit/no-evidence.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import type { Database } from '../../shared/postgres/database.js';
import type { Check } from './scenario.js';

export interface BenchEvidence {
  readonly database: Database;
  readonly providerUrl: string;
  readonly mailSinkUrl: string;
  readonly broker: Sources['broker'];
}

/** For orders that were all to be shipped. */
export async function verifyShipped(orders: number, given: BenchEvidence): Promise<Check[]> {
  const { database, providerUrl, mailSinkUrl, broker } = given;
  const mail = once(() => sinkMails(mailSinkUrl));
  const evidence: Evidence = {
    database,
    scope: {},
    listeners: await listenersOfFleet(),
    // Tuning may give a process more.
    databaseConnections: Number.POSITIVE_INFINITY,
    expectedDeadLetters: [],
    sources: {
      provider: once(() => sandboxBooks([providerUrl])),
      mail,
      broker: once(broker),
      requests: leftOut('the bench stops at the first order that is not taken'),
      secrets: leftOut('the bench hands in none'),
    },
  };
  const verdicts = await audit(evidence);
  const count = (what: string, expected: number, text: string): Promise<Check> =>
    numberOf(database, text).then((found) => ({ what, expected, found }));
  return [
    await count('orders', orders, 'select count(*) from orders'),
    await count('orders that are SHIPPED', orders, `select count(*) from orders where status = 'SHIPPED'`),
    await count('parcels', orders, 'select count(distinct tracking_number) from shipments'),
    await count('dead letters', 0, 'select count(*) from dead_letters'),
    { what: 'mails in the sink', expected: 2 * orders, found: (await mail()).size },
    ...[...grouped(verdicts, ({ number, title }) => `${number} ${title}`)].map(([invariant, ofInvariant]) => ({
      what: `violations of invariant ${invariant}`,
      expected: 0,
      found: ofInvariant.reduce((sum, verdict) => sum + faultsOf(verdict), 0),
    })),
  ];
}

async function numberOf(database: Database, text: string): Promise<number> {
  const { rows } = await database.query<Record<string, unknown>>({ text });
  return Number(Object.values(rows[0] ?? {})[0]);
}
