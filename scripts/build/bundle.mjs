import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Modules that are compiled together with all that they import, since so many files take long to load. */
const BUNDLED = [join('shared', 'messaging', 'typebox')];

/**
 * Puts into some compiled modules what they import from the dependencies. To be called after the compiler.
 * @param {string} root
 */
export async function bundle(root) {
  const build = await bundler();
  for (const module of BUNDLED) {
    const { output } = await build({
      cwd: root,
      input: `${module}.ts`,
      platform: 'node',
      output: { format: 'esm' },
      write: false,
    });
    const compiled = join(root, 'dist', `${module}.js`);
    replace(compiled, output[0].code);
    // The compiler's, of what it wrote.
    rmSync(`${compiled}.map`, { force: true });
  }
}

/** What starts before the dependencies are installed imports this module, too. */
async function bundler() {
  try {
    return (await import('rolldown')).build;
  } catch (cause) {
    throw new Error('rolldown, which bundles typebox, cannot be loaded: install the dependencies anew with npm ci', {
      cause,
    });
  }
}

/**
 * Only if it changes, and as a whole: a process that starts meanwhile reads it.
 * @param {string} path
 * @param {string} text
 */
function replace(path, text) {
  if (readFileSync(path, 'utf8') === text) return;
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, text);
  renameSync(beside, path);
}
