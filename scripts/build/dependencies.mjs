import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../terminal/command.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} Entry
 * @typedef {{ packages?: Record<string, Entry> }} Lock
 */

/**
 * Why the dependencies must be installed; undefined when those of package-lock.json are there. npm keeps its own account
 * of what it installed, and writes it last, so an installation that was cut short is noticed too.
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyInstall(root) {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is not there';
  const wanted = readLock(join(root, 'package-lock.json'));
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!wanted) return 'package-lock.json cannot be read';
  if (!installed) return 'the last installation was not finished';
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || entry.link) continue;
    const found = installed[path];
    // What is optional is often for another system.
    if (!found && entry.optional) continue;
    if (!found || found.version !== entry.version || found.integrity !== entry.integrity) {
      return `${path.replace(/^.*node_modules\//, '')} is not what package-lock.json says`;
    }
  }
  return undefined;
}

/**
 * Installs exactly what package-lock.json says, development dependencies included whatever NODE_ENV is.
 * @param {string} root
 * @param {{ signal?: AbortSignal, onLine?: (line: string) => void }} [options]
 */
export async function installDependencies(root, options = {}) {
  const flags = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  // Under `npm start` the npm that runs us is named in the environment.
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm?.endsWith('.js') ? [process.execPath, npm, ...flags] : ['npm', ...flags];
  await runCommand(command, args, {
    cwd: root,
    remedy: 'the first installation needs the package registry: check the network, then run the same command again',
    ...options,
  });
}

/** @param {string} path */
function readLock(path) {
  try {
    return /** @type {Lock} */ (JSON.parse(readFileSync(path, 'utf8'))).packages;
  } catch {
    return undefined;
  }
}
