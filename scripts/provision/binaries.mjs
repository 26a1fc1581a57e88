import { execFile } from 'node:child_process';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The folders of PATH.
 * @param {NodeJS.ProcessEnv} [environment]
 */
export function searchPath(environment = process.env) {
  return (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

/**
 * The folders that match a path with at most one `*` in it, the highest version first.
 * @param {string} pattern such as `/usr/lib/postgresql/<version>/bin`
 */
export function foldersLike(pattern) {
  const star = pattern.indexOf('*');
  if (star === -1) return [pattern];
  const parent = pattern.slice(0, pattern.lastIndexOf('/', star));
  const [prefix = '', ...rest] = pattern.slice(parent.length + 1).split('/');
  const beginning = prefix.slice(0, prefix.indexOf('*'));
  return entries(parent)
    .filter((entry) => entry.startsWith(beginning))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((entry) => join(parent, entry, ...rest));
}

/**
 * The executables of that name, in the order of the folders, each once.
 * @param {string} name
 * @param {readonly string[]} folders
 */
export function executables(name, folders) {
  /** @type {Map<string, string>} */
  const found = new Map();
  for (const path of folders.map((folder) => join(folder, name)).filter(isExecutable)) {
    const real = realpathSync(path);
    if (!found.has(real)) found.set(real, path);
  }
  return [...found.values()];
}

/**
 * What a command prints; undefined when it fails, is not there, or takes longer than `withinMs`.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ withinMs?: number, uid?: number | undefined, gid?: number | undefined, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<string | undefined>}
 */
export function outputOf(command, args, { withinMs = 10_000, ...options } = {}) {
  return new Promise((resolve) => {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    execFile(command, args, { encoding: 'utf8', timeout: withinMs, cwd: '/', ...given }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} folder */
function entries(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
