/** `npm run audit`: computes every invariant from PostgreSQL, the broker, the provider's ledger and the mail sink. */
import 'reflect-metadata';
import { resolve } from 'node:path';
import { audit, isSound } from '../audit/auditor.js';
import type { Evidence, Scope } from '../audit/evidence.js';
import { listenersOfFleet } from '../audit/listeners.js';
import { untilQuiet } from '../audit/quiet.js';
import { variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { Database } from '../shared/postgres/database.js';
import { Keyring } from '../shared/secrets/keyring.js';
import { type AuditOptions, auditVariables, options } from './audit/options.js';
import { auditJson, auditLines } from './audit/report.js';
import { lookAtBroker, sourcesOf } from './audit/sources.js';
import { CommandLineFaults, describeOptions, readCommandLine } from './command-line.js';
import { warnOfServers } from './warn-of-servers.js';

const HELP = `npm run audit -- [options]

Waits until the fleet is quiet and computes every invariant of docs/audit.md: from PostgreSQL, the broker, the provider's own
ledger and the mail sink. Prints what was looked at and names each offending order. Changes nothing. Exits with 1 when an
invariant does not hold or a check could not be done, and with 2 when it cannot run.

Looks at the servers of npm start; what the environment names (DATABASE_URL, RABBITMQ_MANAGEMENT_URL, …) comes first.

${describeOptions(options)}
`;
const UNSOUND = 1;
const CANNOT_RUN = 2;
const SETTLED_FOR_MS = 10 * 60_000;
/** Idempotency keys are forgotten after seven days, and the inbox may be from then on (workers/scheduler). */
const REMEMBERED_MS = 6 * 24 * 3_600_000;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof CommandLineFaults || error instanceof EnvironmentFaults;
  const shown = error instanceof Error ? (plain ? error.message : error.stack) : String(error);
  process.stderr.write(`${shown}\n${error instanceof CommandLineFaults ? 'npm run audit -- --help tells more\n' : ''}`);
  process.exitCode = CANNOT_RUN;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given, words } = readCommandLine(options, args);
  if (words.length > 0) throw new CommandLineFaults([`${words[0]} belongs to no option`]);
  const environment = readVariables({ ...auditVariables, nodeEnv: variables.nodeEnv }, process.env);
  const { databaseUrl, rabbitmqUrls, redisUrl } = environment;
  warnOfServers({ PostgreSQL: databaseUrl, RabbitMQ: rabbitmqUrls, Redis: redisUrl }, environment.nodeEnv);
  const database = new Database({ url: databaseUrl, connections: 1, applicationName: 'warren audit' });
  try {
    const evidence: Evidence = {
      database,
      scope: scopeOf(given),
      keyring: environment.encryptionKeys === undefined ? undefined : new Keyring(environment.encryptionKeys),
      listeners: await listenersOfFleet(),
      databaseConnections: environment.databaseConnections,
      expectedDeadLetters: given.expectedDeadLetters,
      sources: sourcesOf(given, environment, (path) => resolve(process.env['INIT_CWD'] ?? '.', path)),
    };
    const underWay = given.live ? [] : await untilQuiet(evidence, lookAtBroker(environment), given.waitS * 1000);
    const report = { verdicts: await audit(evidence), underWay };
    process.stdout.write(`${auditLines(report, given.shown).join('\n')}\n`);
    if (given.json) process.stdout.write(`${auditJson(report)}\n`);
    return isSound(report.verdicts) ? 0 : UNSOUND;
  } finally {
    await database.close();
  }
}

function scopeOf({ live, since }: AuditOptions): Scope {
  return { since: since ?? new Date(Date.now() - REMEMBERED_MS), ...(live ? { settledForMs: SETTLED_FOR_MS } : {}) };
}
