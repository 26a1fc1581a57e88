import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { eachLine } from '../terminal/command.mjs';

/** How long mocha may still run after its summary: what keeps it alive is a handle that a test left open. */
const GRACE_MS = 15_000;
/** Half as long again as the longest row takes on two cores at a slow hour: whoever is not done by then hangs. */
const RUN_WITHIN_MS = 18 * 60_000;

/** @typedef {{ passed: number, failed: number, failures: readonly string[] }} Outcome `failures`: lines that tell them */

/**
 * Runs compiled tests and adds them up. That none ran, that mocha died before its summary, and that it could not end
 * because of something left open each count as a failure.
 * @param {string} root
 * @param {readonly string[]} specs
 * @param {{ env: NodeJS.ProcessEnv, grep?: string | undefined, except?: readonly string[], signal: AbortSignal, onLine: (line: string) => void }} options
 * @returns {Promise<Outcome>}
 */
export function runMocha(root, specs, { env, grep, except = [], signal, onLine }) {
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const config = ['--no-config', '--config', join(root, '.mocharc.json')];
  const chosen = [...(grep ? ['--grep', grep, '--no-fail-zero'] : []), ...except.flatMap((one) => ['--ignore', one])];
  // Given to node itself: mocha would start another process for it, which outlives this one when it is killed.
  const args = ['--enable-source-maps', mocha, ...config.slice(1), ...chosen, ...specs];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Partial<Record<'passing' | 'failing', number>>} */
    const summary = {};
    /** @type {string[]} */
    const failures = [];
    let fault = '';
    /** @param {string} why */
    const end = (why) => {
      fault = why;
      child.kill('SIGKILL');
    };
    const limit = setTimeout(() => end(`still running after ${RUN_WITHIN_MS / 60_000} min`), RUN_WITHIN_MS);
    /** @type {NodeJS.Timeout | undefined} */
    let grace;
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream.setEncoding('utf8'), (line) => {
        onLine(line);
        if (summary.failing !== undefined) failures.push(line);
        const [, count, kind] = line.match(/^ {2}(\d+) (passing|failing)\b/) ?? [];
        if (kind !== 'passing' && kind !== 'failing') return;
        summary[kind] = Number(count);
        grace ??= setTimeout(
          () => end('the tests ended, but something they left open kept the process alive'),
          GRACE_MS,
        );
      });
    }
    child.once('error', () => {}); // aborted: told by the exit code
    child.once('close', (code) => {
      clearTimeout(limit);
      clearTimeout(grace);
      if (!fault && summary.passing === undefined) fault = `mocha ended with code ${code} before its summary`;
      if (!fault && code !== 0 && !summary.failing) fault = `mocha ended with code ${code}`;
      if (fault) {
        failures.push(`✗ ${fault}`);
        onLine(`✗ ${fault}`);
      }
      resolve({ passed: summary.passing ?? 0, failed: (summary.failing ?? 0) + (fault ? 1 : 0), failures });
    });
  });
}
