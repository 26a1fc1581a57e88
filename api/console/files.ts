/**
 * The files of the console: its compiled modules, its style and the packages it imports, each under one path. What is not on
 * this list is not served, whatever a path looks like.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lazily } from '../lazily.js';
import { readServed, type ServedFile } from '../served-file.js';

/** What the browser imports by name, and the address that the import map gives it. */
export const PACKAGES = {
  preact: '/console/packages/preact.js',
  'preact/hooks': '/console/packages/preact-hooks.js',
  'preact/jsx-runtime': '/console/packages/preact-jsx-runtime.js',
  uplot: '/console/packages/uplot.js',
} as const;

/** By path. Read when somebody first opens the console, so that web is as small as before where nobody does. */
export const consoleFiles = lazily(async (): Promise<ReadonlyMap<string, ServedFile>> => {
  const modules = fileURLToPath(new URL('browser/', import.meta.url));
  const sources = join(projectFolder(), 'api', 'console', 'browser');
  const named = [
    ...(await readdir(modules, { recursive: true }))
      .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))
      .map((name) => [`/console/browser/${name}`, join(modules, name)] as const),
    ...['console.css', 'icon.svg'].map((name) => [`/console/${name}`, join(sources, name)] as const),
    ['/console/packages/uplot.css', fileURLToPath(import.meta.resolve('uplot/dist/uPlot.min.css'))] as const,
    ...Object.entries(PACKAGES).map(([name, path]) => [path, moduleOf(name)] as const),
  ];
  return new Map(await Promise.all(named.map(async ([path, file]) => [path, await readServed(file)] as const)));
});

/** The file that Node itself would load for the name, but for a package that has a build of its own for browsers. */
function moduleOf(name: string): string {
  return fileURLToPath(import.meta.resolve(name === 'uplot' ? 'uplot/dist/uPlot.esm.js' : name));
}

/** Where package.json stands, above what is compiled: styles are served as they are written. */
function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
