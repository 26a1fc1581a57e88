import { join } from 'node:path';
import { runCommand } from '../terminal/command.mjs';
import { Failure } from '../terminal/failure.mjs';

/**
 * The checks that read the source and run nothing of it.
 * @typedef {{ title: string, command: string[], failsWithout?: RegExp }} StaticCheck `failsWithout` must be in what it prints
 */

/** The folders whose imports are judged. */
const JUDGED_FOLDERS = ['api', 'audit', 'config', 'migrations', 'sandbox', 'scripts', 'shared', 'test', 'workers'];

/**
 * @param {string} root
 * @returns {StaticCheck[]}
 */
export function staticChecks(root) {
  /** @param {readonly string[]} parts */
  const bin = (...parts) => join(root, 'node_modules', ...parts);
  return [
    {
      title: 'types of the start-up scripts (tsc)',
      command: [process.execPath, bin('typescript', 'bin', 'tsc'), '--project', 'scripts/tsconfig.json'],
    },
    {
      title: 'format and lint (biome)',
      command: [process.execPath, bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off'],
    },
    {
      title: 'who may import whom (dependency-cruiser)',
      command: [
        process.execPath,
        bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
        ...['--config', '.dependency-cruiser.mjs', ...JUDGED_FOLDERS],
      ],
      // A checker that reads nothing finds nothing wrong either.
      failsWithout: /\b[1-9]\d{2,} modules/,
    },
    {
      title: 'nothing is unused (knip)',
      command: [process.execPath, bin('knip', 'bin', 'knip.js'), '--no-progress', '--treat-config-hints-as-errors'],
    },
  ];
}

/**
 * @param {string} root
 * @param {StaticCheck} check
 * @param {AbortSignal} signal
 * @throws {Failure} with what it found
 */
export async function runStaticCheck(root, { title, command, failsWithout }, signal) {
  const [name = '', ...args] = command;
  const printed = await runCommand(name, args, { cwd: root, signal, shownLines: 200 });
  if (failsWithout && !failsWithout.test(printed)) throw new Failure(`${title} read next to nothing`, { why: printed });
}
