/** Whether all the work was done: every order at the end it must have, and every invariant of the auditor holds. */
import 'reflect-metadata';
import { audit, faultsOf } from '../../audit/auditor.js';
import type { Evidence } from '../../audit/evidence.js';
import { grouped } from '../../audit/grouped.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { leftOut, once } from '../../audit/no-evidence.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import type { Database } from '../../shared/postgres/database.js';
import type { BenchContext, Check } from './scenario.js';
import type { StandingIntake } from './standing-intake.js';

/** How many orders there must be at each end. */
export interface Ends {
  readonly shipped: number;
  /** For want of stock. @default 0 */
  readonly soldOut?: number;
}

/** Once nothing is on its way any more. */
export async function verifyWork(
  { shipped, soldOut = 0 }: Ends,
  { servers }: BenchContext,
  { fleet, database }: StandingIntake,
): Promise<Check[]> {
  const broker = await servers.brokerAtRest();
  const mail = once(() => sinkMails(fleet.mailSinkUrl));
  const evidence: Evidence = {
    database,
    scope: {},
    keyring: fleet.keyring,
    listeners: await listenersOfFleet(),
    // Tuning may give a process more.
    databaseConnections: Number.POSITIVE_INFINITY,
    expectedDeadLetters: [],
    sources: {
      provider: once(() => sandboxBooks([fleet.providerUrl])),
      mail,
      broker: async () => broker,
      requests: leftOut('the bench stops at the first order that is not taken'),
      secrets: leftOut('the bench hands in none'),
    },
  };
  const verdicts = await audit(evidence);
  const count = (what: string, expected: number, text: string): Promise<Check> =>
    numberOf(database, text).then((found) => ({ what, expected, found }));
  return [
    await count('orders', shipped + soldOut, 'select count(*) from orders'),
    await count('orders that are SHIPPED', shipped, `select count(*) from orders where status = 'SHIPPED'`),
    await count(
      'orders that are CANCELLED for want of stock',
      soldOut,
      `select count(*) from orders where status = 'CANCELLED' and cancel_reason = 'out-of-stock'`,
    ),
    await count('parcels', shipped, 'select count(distinct tracking_number) from shipments'),
    await count('dead letters', 0, 'select count(*) from dead_letters'),
    await count('deadlocks', 0, 'select deadlocks from pg_stat_database where datname = current_database()'),
    { what: 'mails in the sink', expected: mailsOf({ shipped, soldOut }), found: (await mail()).size },
    ...[...grouped(verdicts, ({ number, title }) => `${number} ${title}`)].map(([invariant, ofInvariant]) => ({
      what: `violations of invariant ${invariant}`,
      expected: 0,
      found: ofInvariant.reduce((sum, verdict) => sum + faultsOf(verdict), 0),
    })),
  ];
}

/** Confirmed and shipped, or cancelled. */
export const mailsOf = ({ shipped, soldOut = 0 }: Ends): number => 2 * shipped + soldOut;

async function numberOf(database: Database, text: string): Promise<number> {
  const { rows } = await database.query<Record<string, unknown>>({ text });
  return Number(Object.values(rows[0] ?? {})[0]);
}
