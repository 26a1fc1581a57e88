import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { prepareProgram } from './build/prepare.mjs';
import { describeFailure } from './terminal/failure.mjs';
import { Progress } from './terminal/progress.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
/** As a shell says it. */
const INTERRUPTED = 130;

/**
 * Runs a compiled command of the project with our arguments, after making sure that dependencies and dist/ are as they
 * should be, and ends as it does. What the preparation says goes to standard error: the output is the command's own.
 * @param {string} script inside dist/
 * @param {{ before?: (signal: AbortSignal) => Promise<NodeJS.ProcessEnv | void>, onMessage?: (message: unknown) => void, after?: () => Promise<void> }} [listeners]
 *   `before` it starts, which may bring variables that the environment does not set, and rejects when the signal is aborted;
 *   with each message from it; `after` it ended however it did, or was not started although all stood ready
 */
export async function launch(script, { before = async () => {}, onMessage, after = async () => {} } = {}) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = () => stopping.abort();
  for (const name of SIGNALS) process.on(name, stop);
  /** @type {NodeJS.ProcessEnv | void} */
  let found;
  try {
    await prepareProgram(ROOT, { progress: new Progress(process.stderr), signal });
    found = await before(signal);
  } catch (error) {
    if (!signal.aborted) process.stderr.write(`${describeFailure(error)}\n`);
    process.exitCode = signal.aborted ? INTERRUPTED : 1;
    return;
  }
  if (signal.aborted) {
    await after();
    process.exitCode = INTERRUPTED;
    return;
  }
  for (const name of SIGNALS) process.off(name, stop);
  const child = spawn(process.execPath, [`dist/${script}`, ...process.argv.slice(2)], {
    cwd: ROOT,
    // Where npm was called from: files are named from there.
    env: { INIT_CWD: process.cwd(), ...found, ...process.env },
    stdio: ['inherit', 'inherit', 'inherit', ...(onMessage ? [/** @type {const} */ ('ipc')] : [])],
  });
  if (onMessage) child.on('message', onMessage);
  // A terminal sends Ctrl-C to the child as well; it decides when to end, and we wait for it.
  process.on('SIGINT', () => {});
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.once('exit', async (code) => {
    await after();
    process.exitCode = code ?? 1;
  });
}
