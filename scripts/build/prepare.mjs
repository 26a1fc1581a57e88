import { join } from 'node:path';
import { withLock } from '../provision/lock.mjs';
import { compile } from './compile.mjs';
import { installDependencies, whyInstall } from './dependencies.mjs';

/**
 * Makes the program ready to run: dependencies installed, dist/ compiled. Of several that want it in one folder at the
 * same time one does it, and the others find it done.
 * @param {string} root
 * @param {{ progress: import('../terminal/progress.mjs').Progress, all?: boolean, signal?: AbortSignal }} options
 */
export function prepareProgram(root, { progress, all = false, signal }) {
  const given = signal ? { signal } : {};
  return withLock(join(root, '.local', 'build.lock'), async () => {
    const why = whyInstall(root);
    if (why) await progress.step(`Installing dependencies (npm ci): ${why}`, () => installDependencies(root, given));
    await progress.step('Compiling', () => compile(root, { all, ...given }));
  });
}
