import { spawn } from 'node:child_process';

/**
 * Runs a command on this terminal, with these words behind its own, and takes over how it ends.
 * @param {{ command: string, args: readonly string[], env: NodeJS.ProcessEnv }} program
 * @param {readonly string[]} words
 * @returns {Promise<void>}
 */
export function runHere({ command, args, env }, words) {
  const child = spawn(command, [...args, ...words], { env, stdio: 'inherit' });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      process.exitCode = code ?? 1;
      done();
    });
  });
}
