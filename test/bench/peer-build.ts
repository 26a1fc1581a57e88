/** The peers are a package of their own, so that who uses Warren does not install them: it is installed when first asked for. */
import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchContext } from './scenario.js';

export const PEERS = 'test/bench/peers';

/** Installs what the lock file names, if that is not done, compiles, and tests what they share. @throws {Error} with what npm said */
export async function buildPeers({ say, signal }: Pick<BenchContext, 'say' | 'signal'>): Promise<void> {
  if ((await changedAt('package-lock.json')) > (await changedAt('node_modules/.package-lock.json'))) {
    say('installing the peers (npm ci)');
    await npm(signal, 'ci', '--ignore-scripts', '--no-audit', '--no-fund');
  }
  await npm(signal, 'test');
}

/** Milliseconds since 1970; 0 for a file that is not there. */
const changedAt = (path: string): Promise<number> =>
  stat(join(PEERS, path)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

function npm(signal: AbortSignal, ...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('npm', [...args], { cwd: PEERS, signal }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else
        reject(
          new Error(`npm ${args.join(' ')} failed in ${PEERS}: ${stderr.trim()}\n${stdout.trim()}`, { cause: error }),
        );
    });
  });
}
