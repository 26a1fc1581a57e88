import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../terminal/command.mjs';
import { outputOf } from './binaries.mjs';
import { freePorts } from './ports.mjs';
import { readRecord, writeRecord } from './record.mjs';

const COMPOSE_FILE = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));

/** Whether `docker compose` is there and an engine answers. */
export async function canCompose() {
  const [compose, engine] = await Promise.all([
    outputOf('docker', ['compose', 'version']),
    outputOf('docker', ['info', '--format', '{{.ServerVersion}}']),
  ]);
  return compose !== undefined && engine !== undefined && engine.trim() !== '';
}

/**
 * Starts one service of docker-compose.yml for that folder and waits until it answers. The data stay in its volume.
 * @param {import('./server.mjs').Server} server
 * @param {string} folder
 * @param {{ startedBy: string, signal?: AbortSignal | undefined, onLine?: (line: string) => void }} options
 * @returns {Promise<import('./record.mjs').ServerRecord>}
 */
export async function startContainer(server, folder, { startedBy, ...options }) {
  mkdirSync(folder, { recursive: true });
  const before = readRecord(folder);
  /** @type {import('./record.mjs').ServerRecord} */
  const record = {
    kind: 'compose',
    project: `warren-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`,
    startedBy,
    ports: await freePorts(server.portNames, before?.ports),
    secrets: Object.fromEntries(
      server.secretNames.map((name) => [name, before?.secrets[name] ?? randomBytes(16).toString('hex')]),
    ),
  };
  writeRecord(folder, record);
  await compose(server, record, ['up', '--detach', '--wait', server.name], options);
  await server.answers(record);
  return record;
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {import('./record.mjs').ServerRecord} record
 * @param {{ force?: boolean, withinMs?: number }} [options]
 */
export async function stopContainer(server, record, { force = false, withinMs = 20_000 } = {}) {
  const seconds = String(Math.round(withinMs / 1000));
  await compose(server, record, force ? ['kill', server.name] : ['stop', '--timeout', seconds, server.name]);
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {import('./record.mjs').ServerRecord} record
 * @param {readonly string[]} words
 * @param {import('../terminal/command.mjs').CommandOptions} [options]
 */
function compose(server, { project = '', ports, secrets }, words, options = {}) {
  const part = `WARREN_${server.name.toUpperCase()}`;
  /** @type {Record<string, string>} */
  const variables = { [`${part}_PASSWORD`]: secrets.password ?? '' };
  for (const [name, port] of Object.entries(ports)) {
    variables[name === server.name ? `${part}_PORT` : `${part}_${name.toUpperCase()}_PORT`] = String(port);
  }
  return runCommand('docker', ['compose', '--project-name', project, '--file', COMPOSE_FILE, ...words], {
    remedy: `see what it says: docker compose --project-name ${project} logs ${server.name}`,
    ...options,
    env: { ...process.env, ...variables },
  });
}
