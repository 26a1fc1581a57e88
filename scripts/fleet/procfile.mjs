import { readFileSync } from 'node:fs';
import { Failure } from '../terminal/failure.mjs';

/**
 * The commands of a Procfile by process name, in its order. They are plain `node …` lines: anything a shell would have to
 * understand is refused, because a shell in between swallows the signals.
 * @param {string} text
 * @returns {Map<string, string[]>}
 */
export function parseProcfile(text) {
  /** @type {Map<string, string[]>} */
  const commands = new Map();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, command] = line.match(/^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$/) ?? [];
    if (name === undefined || command === undefined) throw fault(at, 'is not of the form "name: command"');
    if (commands.has(name)) throw fault(at, `names ${name} a second time`);
    const words = command.split(/\s+/);
    if (words[0] !== 'node' || /[$&|;<>()`'"\\*?]/.test(command)) throw fault(at, 'is not a plain "node …" command');
    commands.set(name, words);
  }
  return commands;
}

/** @param {string} path */
export function readProcfile(path) {
  return parseProcfile(readFileSync(path, 'utf8'));
}

/**
 * @param {number} at
 * @param {string} what
 */
function fault(at, what) {
  return new Failure(`Line ${at + 1} of the Procfile ${what}`);
}
