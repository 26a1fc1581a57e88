import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { Failure } from './failure.mjs';

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [input]
 * @property {number | undefined} [uid]
 * @property {number | undefined} [gid]
 * @property {AbortSignal | undefined} [signal] ends it
 * @property {string} [remedy] what to do when it fails
 * @property {number} [shownLines] how many of its last lines are shown when it fails; 25 by default
 * @property {(line: string) => void} [onLine] sees every line as it comes
 */

/**
 * Runs a command to its end and returns what it printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<string>}
 * @throws {Failure} with the end of what it printed, when it cannot start or its exit code is not 0
 */
export function runCommand(command, args, options = {}) {
  const {
    cwd = process.cwd(),
    env = process.env,
    input = '',
    uid,
    gid,
    signal,
    remedy = '',
    onLine,
    shownLines = 25,
  } = options;
  const as = uid !== undefined && gid !== undefined ? { uid, gid } : {};
  const shown = shortForm(command, args);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      ...as,
      ...(signal ? { signal } : {}),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        printed += text;
      });
      if (onLine) eachLine(stream, onLine);
    }
    child.stdin.on('error', () => {}); // a command that reads no input may close it early
    child.stdin.end(input);
    child.once('error', (error) =>
      reject(new Failure(`${shown} could not run`, { why: error.message, remedy, cause: error })),
    );
    child.once('close', (code, killedBy) => {
      if (code === 0) return resolve(printed);
      const how = killedBy ? `was ended by ${killedBy}` : `failed with exit code ${code}`;
      reject(new Failure(`${shown} ${how}`, { why: printed.trim().split('\n').slice(-shownLines).join('\n'), remedy }));
    });
  });
}

/**
 * A command as one would speak of it: without the folders of programs, and without the node that runs them.
 * @param {string} command
 * @param {readonly string[]} args
 */
function shortForm(command, args) {
  const words = command === process.execPath ? args : [command, ...args];
  return words.map((word, at) => (at === 0 ? basename(word) : word)).join(' ');
}

/**
 * Calls back with each whole line of a stream, and with what is left at its end.
 * @param {import('node:stream').Readable} stream in text mode
 * @param {(line: string) => void} onLine
 */
export function eachLine(stream, onLine) {
  let rest = '';
  stream.on('data', (/** @type {string} */ text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
    rest = '';
  });
}
