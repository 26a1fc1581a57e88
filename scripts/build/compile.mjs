import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { runCommand } from '../terminal/command.mjs';
import { bundle } from './bundle.mjs';

/** The project that is built last; those it refers to are built before it. */
const LAST_PROJECT = join('api', 'console', 'browser');
/** The compiler's own notes, a file for each project. */
const NOTES = ['.tsbuildinfo', '.tsbuildinfo-console'];

/**
 * Compiles what changed into dist/, so that dist/ is what a compilation from nothing would give: the registry of workers
 * is a folder listing there, so a worker whose source is gone must go too.
 * @param {string} root
 * @param {{ all?: boolean, signal?: AbortSignal }} [options] `all` compiles everything anew
 */
export async function compile(root, { all = false, ...options } = {}) {
  removeStale(root);
  // The compiler takes its own notes for the truth; where a file is missing all the same, they are no good.
  if (isIncomplete(root)) for (const notes of NOTES) rmSync(join(root, 'dist', notes), { force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await runCommand(process.execPath, [compiler, '--build', LAST_PROJECT, ...(all ? ['--force'] : [])], {
    cwd: root,
    remedy: 'correct what the compiler says above',
    ...options,
  });
  await bundle(root);
}

/**
 * Deletes what was compiled from files that are no longer there, and folders that are then empty.
 * @param {string} root
 */
export function removeStale(root) {
  const dist = join(root, 'dist');
  for (const path of filesBelow(dist)) {
    const source = path.match(/^(.*)\.js(?:\.map)?$/)?.[1];
    if (source === undefined) continue;
    const written = join(root, relative(dist, source));
    if (!existsSync(`${written}.ts`) && !existsSync(`${written}.tsx`)) rmSync(path, { force: true });
  }
  removeEmptyFolders(dist);
}

/**
 * Whether something in the sources was never compiled. A folder with a package.json of its own is compiled by itself, elsewhere.
 * @param {string} root
 */
export function isIncomplete(root) {
  /** @type {{ include: string[] }} */
  const { include } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const folders = new Set(include.map((pattern) => pattern.split('/')[0] ?? pattern));
  return [...folders].some((folder) =>
    filesBelow(join(root, folder)).some((path) => {
      if (!/\.tsx?$/.test(path) || path.endsWith('.d.ts')) return false;
      return !existsSync(join(root, 'dist', relative(root, path).replace(/\.tsx?$/, '.js')));
    }),
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return [path];
    return basename(path) === 'node_modules' || existsSync(join(path, 'package.json')) ? [] : filesBelow(path);
  });
}

/** @param {string} folder */
function removeEmptyFolders(folder) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    removeEmptyFolders(path);
    if (readdirSync(path).length === 0) rmdirSync(path);
  }
}
