import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Modules that are compiled together with all that they import, since so many files take long to load. */
const BUNDLED = [join('shared', 'messaging', 'typebox')];

/**
 * Puts into some compiled modules what they import from the dependencies. To be called after the compiler.
 * @param {string} root
 */
export async function bundle(root) {
  // What starts before the dependencies are installed imports this module, too.
  const { build } = await import('rolldown');
  for (const module of BUNDLED) {
    await build({
      cwd: root,
      input: `${module}.ts`,
      platform: 'node',
      output: { file: join('dist', `${module}.js`), format: 'esm' },
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await bundle(process.cwd());
