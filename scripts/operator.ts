/** `node dist/scripts/operator.js add viewer|operator NAME`: makes an operator and shows the key, once; `revoke NAME` ends it. */

import { createOperator, ROLES, revokeOperator } from '../api/operators/operator.js';
import { variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { Database } from '../shared/postgres/database.js';
import { warnOfServers } from './warn-of-servers.js';

const USAGE = `usage: node dist/scripts/operator.js add viewer|operator NAME
       node dist/scripts/operator.js revoke NAME
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

/** Returns the exit code. */
async function main([action, ...words]: readonly string[]): Promise<number> {
  const role = action === 'add' ? ROLES.find((one) => one === words[0]) : undefined;
  const name = words
    .slice(action === 'add' ? 1 : 0)
    .join(' ')
    .trim();
  if (name === '' || !(role !== undefined || action === 'revoke')) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { databaseUrl, nodeEnv } = readVariables(
    { databaseUrl: variables.databaseUrl, nodeEnv: variables.nodeEnv },
    process.env,
  );
  warnOfServers({ PostgreSQL: databaseUrl }, nodeEnv);
  const database = new Database({ url: databaseUrl, connections: 1, applicationName: 'warren operator' });
  try {
    if (role === undefined) {
      const revoked = await revokeOperator(database, name);
      process.stdout.write(revoked ? `revoked ${name}\n` : `there is no operator ${name}\n`);
      return revoked ? 0 : 1;
    }
    const made = await createOperator(database, { name, role });
    if (made === undefined) {
      process.stderr.write(`there is an operator ${name} already; revoke that one or choose another name\n`);
      return 1;
    }
    process.stdout.write(
      `${role} ${name}\nid   ${made.id}\nkey  ${made.key}\n\nThe key is shown this once; only its hash is stored.\n`,
    );
    return 0;
  } finally {
    await database.close();
  }
}
