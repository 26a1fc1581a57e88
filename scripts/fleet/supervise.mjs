import { spawn } from 'node:child_process';
import { beganAt, identify } from '../provision/process-identity.mjs';
import { eachLine } from '../terminal/command.mjs';

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** Who has run this long has recovered: the delays begin anew. */
const STEADY_AFTER_MS = 60_000;
const REMEMBERED_LINES = 25;

/**
 * @typedef {object} Part
 * @property {string} name
 * @property {readonly string[]} command
 * @property {NodeJS.ProcessEnv} env
 * @property {string} cwd
 * @property {string} address where it answers, for people
 * @property {string} readyUrl
 * @property {boolean} [ownGroup] it is not to hear the terminal's Ctrl-C
 */

/**
 * A process that is started again, ever more slowly, whenever it ends without being told to.
 * @typedef {object} Supervised
 * @property {Part} part
 * @property {() => number} deaths how often it has ended by itself since it last ran steadily
 * @property {() => string} lastLines what it printed last
 * @property {() => import('../provision/process-identity.mjs').ProcessIdentity | undefined} identity
 * @property {(withinMs: number) => Promise<void>} stop SIGTERM, and SIGKILL if it takes longer
 * @property {() => void} kill at once
 */

/**
 * @param {Part} part
 * @param {{ onLine: (line: string) => void, onEvent: (text: string) => void, onSpawn?: () => void }} listeners
 *   `onLine` sees what it prints, `onEvent` what happens to it
 * @returns {Supervised}
 */
export function supervise(part, { onLine, onEvent, onSpawn = () => {} }) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  /** @type {NodeJS.Timeout | undefined} */
  let restart;
  let deaths = 0;
  let stopping = false;
  /** @type {string[]} */
  const lines = [];

  const start = () => {
    const began = Date.now();
    const [command = '', ...args] = part.command;
    const process_ = spawn(command === 'node' ? process.execPath : command, args, {
      cwd: part.cwd,
      env: part.env,
      detached: part.ownGroup ?? false,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = process_;
    for (const stream of [process_.stdout, process_.stderr]) {
      eachLine(stream.setEncoding('utf8'), (line) => {
        lines.push(line);
        if (lines.length > REMEMBERED_LINES) lines.shift();
        onLine(line);
      });
    }
    process_.once('spawn', onSpawn);
    process_.once('error', (error) => ended(began, error.message));
    process_.once('exit', (code, signal) =>
      ended(began, signal ? `was ended by ${signal}` : `ended with code ${code}`),
    );
  };

  /**
   * @param {number} began
   * @param {string} how
   */
  const ended = (began, how) => {
    child = undefined;
    if (stopping) return;
    deaths = Date.now() - began > STEADY_AFTER_MS ? 1 : deaths + 1;
    const delayMs = restartDelayMs(deaths);
    onEvent(`${part.name} ${how}; starting it again in ${delayMs / 1000} s`);
    restart = setTimeout(start, delayMs);
  };

  start();
  return {
    part,
    deaths: () => deaths,
    lastLines: () => lines.join('\n'),
    identity: () => (child?.pid !== undefined && beganAt(child.pid) !== undefined ? identify(child.pid) : undefined),
    stop(withinMs) {
      stopping = true;
      clearTimeout(restart);
      const running = child;
      if (!running) return Promise.resolve();
      return new Promise((resolve) => {
        const kill = setTimeout(() => {
          onEvent(`${part.name} did not stop within ${withinMs / 1000} s; killing it`);
          running.kill('SIGKILL');
        }, withinMs);
        running.once('exit', () => {
          clearTimeout(kill);
          resolve();
        });
        running.kill('SIGTERM');
      });
    },
    kill() {
      stopping = true;
      clearTimeout(restart);
      child?.kill('SIGKILL');
    },
  };
}

/**
 * @param {number} deaths from 1
 */
export function restartDelayMs(deaths) {
  return Math.min(FIRST_DELAY_MS * 2 ** (deaths - 1), LONGEST_DELAY_MS);
}
