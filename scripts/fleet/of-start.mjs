import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { givenServer } from '../provision/given.mjs';
import { isRunning } from '../provision/instance.mjs';
import { readRecord } from '../provision/record.mjs';
import { servers } from '../provision/server.mjs';

/** What `npm start` keeps here. */
export const HOME = fileURLToPath(new URL('../../.local/dev', import.meta.url));

/** URLs of its servers that run, and that the environment does not name. */
export async function serverUrlsOfStart() {
  /** @type {Record<string, string>} */
  const urls = {};
  for (const server of servers) {
    if (givenServer(server, process.env)) continue;
    const record = readRecord(join(HOME, server.name));
    if (record && (await isRunning(server, record))) Object.assign(urls, server.urls(record));
  }
  return urls;
}

/**
 * Ports of its sandbox and workers.
 * @returns {Record<string, number> | undefined} nothing where it never ran
 */
export function portsOfStart() {
  try {
    return JSON.parse(readFileSync(join(HOME, 'ports.json'), 'utf8'));
  } catch {
    return undefined;
  }
}
