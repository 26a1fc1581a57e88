import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is remembered of a server of ours: everything needed to find it again, to prove that it is ours, and to bring it
 * back at the same address.
 * @typedef {object} ServerRecord
 * @property {'private' | 'compose'} kind
 * @property {import('./process-identity.mjs').ProcessIdentity} [process] of a private instance
 * @property {string} [startedBy] the command that started it, and therefore stops it
 * @property {Record<string, number>} ports
 * @property {Record<string, string>} secrets
 * @property {string | undefined} [authority] the certificate that its own is signed by; with one it takes only encrypted connections
 * @property {string} [version]
 * @property {string} [binary]
 * @property {string} [project] of the containers
 */

/**
 * @param {string} folder
 * @returns {ServerRecord | undefined} nothing when there is none, or only half of one
 */
export function readRecord(folder) {
  try {
    return JSON.parse(readFileSync(recordPath(folder), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {ServerRecord} record
 */
export function writeRecord(folder, record) {
  const draft = `${recordPath(folder)}.new`;
  writeFileSync(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, recordPath(folder));
}

/** @param {string} folder */
function recordPath(folder) {
  return join(folder, 'server.json');
}
