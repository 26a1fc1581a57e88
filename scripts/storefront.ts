/** `node dist/scripts/storefront.js add NAME`: makes a storefront and shows its first key, once. */

import { modeFor } from '../api/storefronts/key.js';
import { createStorefront } from '../api/storefronts/storefront.js';
import { variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { Database } from '../shared/postgres/database.js';
import { warnOfServers } from './warn-of-servers.js';

const [action, ...words] = process.argv.slice(2);
const name = words.join(' ').trim();
if (action !== 'add' || name === '') {
  process.stderr.write('usage: node dist/scripts/storefront.js add NAME\n');
  process.exit(2);
}
try {
  const { databaseUrl, nodeEnv } = readVariables(
    { databaseUrl: variables.databaseUrl, nodeEnv: variables.nodeEnv },
    process.env,
  );
  warnOfServers({ PostgreSQL: databaseUrl }, nodeEnv);
  const database = new Database({ url: databaseUrl, connections: 1, applicationName: 'warren storefront' });
  try {
    const { id, key } = await createStorefront(database, name, modeFor(nodeEnv));
    process.stdout.write(
      `storefront ${name}\nid         ${id}\nkey        ${key}\n\nThe key is shown this once; only its hash is stored.\n`,
    );
  } finally {
    await database.close();
  }
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
