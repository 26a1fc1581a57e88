import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive, signalProcess, untilGone } from '../provision/process-identity.mjs';

/**
 * Remembers which processes we run, so that those that outlive us, should we be killed, can be ended by the next start:
 * two fleets in one folder would both take orders.
 * @param {string} path
 * @param {readonly import('../provision/process-identity.mjs').ProcessIdentity[]} identities
 */
export function rememberProcesses(path, identities) {
  writeFileSync(`${path}.new`, JSON.stringify(identities));
  renameSync(`${path}.new`, path);
}

/**
 * Ends what an earlier start left running.
 * @param {string} path
 * @returns {Promise<number>} how many there were
 */
export async function endLeftovers(path) {
  const left = readProcesses(path).filter(isAlive);
  for (const identity of left) signalProcess(identity, 'SIGTERM');
  await Promise.all(
    left.map(async (identity) => {
      if (!(await untilGone(identity, 10_000))) signalProcess(identity, 'SIGKILL');
    }),
  );
  rmSync(path, { force: true });
  return left.length;
}

/**
 * @param {string} path
 * @returns {import('../provision/process-identity.mjs').ProcessIdentity[]}
 */
function readProcesses(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}
