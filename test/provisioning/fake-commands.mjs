import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Commands that stand in for the system's while a test runs, and keep an account of how they were called.
 * @param {() => string} folder
 */
export function fakeCommands(folder) {
  /** @type {string | undefined} */
  let path;
  afterEach(() => {
    if (path !== undefined) process.env.PATH = path;
    path = undefined;
  });
  return {
    /** Where they are. */
    at: (/** @type {string} */ name) => join(folder(), 'bin', name),
    /**
     * Only these are found, and none of the system's own.
     * @param {Record<string, string>} scripts bodies in sh, by name; `$*` are the words they are called with
     */
    install(scripts) {
      const bin = join(folder(), 'bin');
      mkdirSync(bin, { recursive: true });
      const log = join(folder(), 'calls');
      for (const [name, body] of Object.entries(scripts)) {
        writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${body}\n`);
        chmodSync(join(bin, name), 0o755);
      }
      path ??= process.env.PATH;
      process.env.PATH = bin;
    },
    /** @returns {string[]} */
    calls: () =>
      existsSync(join(folder(), 'calls')) ? readFileSync(join(folder(), 'calls'), 'utf8').trim().split('\n') : [],
  };
}
