/**
 * `node dist/scripts/encryption.js`: `new` makes a key for ENCRYPTION_KEYS, `status` counts what each key has sealed, `reseal`
 * seals anew with the first key what others have sealed, so that they can be taken off the list.
 */
import { randomBytes } from 'node:crypto';
import { encryptionKeys, keyText } from '../config/encryption-keys.js';
import { variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { Database } from '../shared/postgres/database.js';
import { resealAll, sealedCounts } from '../shared/postgres/sealed-columns.js';
import { Keyring } from '../shared/secrets/keyring.js';
import { tableLines } from './table.js';
import { warnOfServers } from './warn-of-servers.js';

const USAGE = `usage: node dist/scripts/encryption.js new
       node dist/scripts/encryption.js status
       node dist/scripts/encryption.js reseal
`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

/** Returns the exit code. */
async function main([action, ...more]: readonly string[]): Promise<number> {
  if (action === 'new' && more.length === 0) {
    const id = `${new Date().toISOString().slice(0, 10)}-${randomBytes(2).toString('hex')}`;
    process.stdout.write(`${keyText({ id, secret: randomBytes(32) })}\n`);
    return 0;
  }
  if (!(action === 'status' || action === 'reseal') || more.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { databaseUrl, nodeEnv } = variables;
  const given = readVariables({ databaseUrl, nodeEnv, encryptionKeys }, process.env);
  warnOfServers({ PostgreSQL: given.databaseUrl }, given.nodeEnv);
  const keyring = new Keyring(given.encryptionKeys);
  const database = new Database({ url: given.databaseUrl, connections: 1, applicationName: 'warren encryption' });
  try {
    if (action === 'reseal') {
      const { resealed, left } = await resealAll(database, keyring);
      process.stdout.write(`sealed anew with ${keyring.sealingKeyId}: ${resealed}\n`);
      for (const fault of left) process.stderr.write(`${fault}\n`);
      if (left.length > 0) return 1;
    }
    const counts = await sealedCounts(database);
    const known = given.encryptionKeys.map(({ id }) => id);
    const rows = [...new Set([...known, ...counts.map(({ key }) => key)])].flatMap((id) => {
      const role = id === known[0] ? 'seals' : known.includes(id) ? 'opens' : 'missing';
      const own = counts.filter(({ key }) => key === id);
      if (own.length === 0) return [[id, role, 'nothing', '0']];
      return own.map(({ what, count }) => [id, role, what, String(count)]);
    });
    process.stdout.write(`${tableLines([['key', 'it', 'has sealed', 'count'], ...rows]).join('\n')}\n`);
    return counts.every(({ key }) => known.includes(key)) ? 0 : 1;
  } finally {
    await database.close();
  }
}
