import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { Failure } from '../terminal/failure.mjs';
import { ensureAuthority } from './authority.mjs';
import { freePorts } from './ports.mjs';
import { identify, isAlive, signalProcess, untilGone } from './process-identity.mjs';
import { readRecord, writeRecord } from './record.mjs';

/** How long a server may take from its start to its first answer; recovery after a crash included. */
const START_WITHIN_MS = 90_000;
/** How long one that runs already may be without an answer before it is taken for stuck. */
const STUCK_AFTER_MS = 15_000;
/** How long one that gave no answer may take to stop. */
const STUCK_STOP_MS = 3_000;
const ATTEMPTS = 3;

/**
 * Whether a server of ours still runs and answers as ours.
 * @param {import('./server.mjs').Server} server
 * @param {import('./record.mjs').ServerRecord} record
 */
export async function isRunning(server, record) {
  if (record.kind === 'private' && !isAlive(record.process)) return false;
  // It may be starting, or recovering from a crash; a container that is gone is seen at the first look.
  const fault = await untilAnswers(server, record, record.kind === 'private' ? STUCK_AFTER_MS : 0);
  return fault === undefined;
}

/**
 * Starts a private instance and waits until it answers. Where one has been in that folder before it comes back with its
 * data, credentials and, if they are free, its ports; one that is stuck there is ended first.
 * @param {import('./server.mjs').Server} server
 * @param {string} folder
 * @param {import('./server.mjs').Installed} installed
 * @param {{ startedBy: string, tls?: boolean | undefined, say?: ((line: string) => void) | undefined, signal?: AbortSignal | undefined }} options
 * @returns {Promise<import('./record.mjs').ServerRecord>}
 */
export async function startInstance(server, folder, installed, { startedBy, tls, say = () => {}, signal }) {
  mkdirSync(folder, { recursive: true });
  await stopInstance(server, folder, { withinMs: STUCK_STOP_MS });
  let fault = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const before = readRecord(folder);
    const ports = await freePorts(server.portNames, before?.ports);
    const secrets = Object.fromEntries(
      server.secretNames.map((name) => [name, before?.secrets[name] ?? randomBytes(16).toString('hex')]),
    );
    const authority = (tls ?? before?.authority !== undefined) ? await ensureAuthority(join(folder, '..')) : undefined;
    // Credentials are remembered before anything is made with them.
    writeRecord(folder, { kind: 'private', ports, secrets, authority });
    const launch = await server.prepare({ folder, installed, ports, secrets, authority, say });
    const child = await launchDetached(launch, logPath(folder));
    /** @type {import('./record.mjs').ServerRecord} */
    const record = { kind: 'private', ports, secrets, authority, startedBy, ...installed, process: identify(child) };
    writeRecord(folder, record);
    const reason = await untilAnswers(server, record, START_WITHIN_MS, signal);
    if (reason === undefined) return record;
    await stopInstance(server, folder);
    signal?.throwIfAborted();
    fault = `${reason}\n${logTail(folder)}`;
    // Worth another attempt: someone took a port in between, or the remains of a killed one were still going.
    await later(1_000 * attempt);
  }
  throw new Failure(`${server.title} ${installed.version} did not start`, {
    why: fault,
    remedy: `its log is ${logPath(folder)}; moving ${folder} away begins anew with empty data`,
  });
}

/**
 * Stops the instance of that folder in good order, or by force when that takes too long.
 * @param {import('./server.mjs').Server} server
 * @param {string} folder
 * @param {{ force?: boolean, withinMs?: number }} [options] `force` kills at once, as a crash would
 */
export async function stopInstance(server, folder, { force = false, withinMs = 20_000 } = {}) {
  const record = readRecord(folder);
  if (record?.kind !== 'private') return;
  if (isAlive(record.process)) {
    const group = server.wholeGroup ?? false;
    signalProcess(record.process, force ? 'SIGKILL' : server.stopSignal, { group });
    if (!(await untilGone(record.process, withinMs))) signalProcess(record.process, 'SIGKILL', { group });
    await untilGone(record.process, 5_000);
  }
  await server.afterStop?.(record);
}

/** @param {string} folder */
function logPath(folder) {
  return join(folder, 'server.log');
}

/**
 * @param {import('./server.mjs').Launch} launch
 * @param {string} log
 * @returns {Promise<number>} its process id
 */
function launchDetached({ command, args, cwd, env = process.env, uid, gid }, log) {
  if (existsSync(log)) renameSync(log, `${log}.1`);
  const output = openSync(log, 'a', 0o600);
  const as = uid !== undefined && gid !== undefined ? { uid, gid } : {};
  // A session of its own: Ctrl-C in our terminal must not reach a server before the workers that use it have stopped.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', output, output], ...as });
  closeSync(output);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Failure(`${command} could not run`, { why: cause.message, cause })));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {import('./record.mjs').ServerRecord} record
 * @param {number} withinMs
 * @param {AbortSignal} [signal]
 * @returns {Promise<string | undefined>} nothing once it answers, or why it does not
 */
async function untilAnswers(server, record, withinMs, signal) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    try {
      await server.answers(record);
      return undefined;
    } catch (error) {
      if (record.kind === 'private' && !isAlive(record.process)) return 'it ended by itself';
      if (signal?.aborted) return 'no longer wanted';
      if (Date.now() > deadline) return `no answer within ${withinMs / 1000} s: ${String(error)}`;
    }
    await later(100);
  }
}

/**
 * @param {string} folder
 * @param {number} [lines]
 */
function logTail(folder, lines = 12) {
  try {
    return readFileSync(logPath(folder), 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
