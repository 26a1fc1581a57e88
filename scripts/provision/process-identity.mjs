import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';

/**
 * A process id is used again after its process is gone; a process id with the moment its process began is not. Every
 * pid file of ours holds both, so that nothing is ever signalled or attached to that is not the process we started.
 * @typedef {{ pid: number, began: string }} ProcessIdentity
 */

/**
 * When the process began, as an opaque text; undefined when there is none (a zombie counts as none).
 * @param {number} pid
 * @returns {string | undefined}
 */
export function beganAt(pid) {
  try {
    if (process.platform !== 'linux') {
      const [state = '', ...began] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
        encoding: 'utf8',
      })
        .trim()
        .split(/\s+/);
      return state === '' || state.startsWith('Z') ? undefined : began.join(' ');
    }
    // The command's name stands in brackets and may itself contain blanks and brackets.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18];
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {ProcessIdentity}
 */
export function identify(pid) {
  return { pid, began: beganAt(pid) ?? 'gone' };
}

/**
 * Whether that very process still runs.
 * @param {ProcessIdentity | undefined} identity
 * @returns {identity is ProcessIdentity}
 */
export function isAlive(identity) {
  return identity !== undefined && beganAt(identity.pid) === identity.began;
}

/**
 * @param {ProcessIdentity} identity
 * @param {number} withinMs
 * @returns {Promise<boolean>} whether it is gone
 */
export async function untilGone(identity, withinMs) {
  const deadline = Date.now() + withinMs;
  while (isAlive(identity)) {
    if (Date.now() > deadline) return false;
    await later(50);
  }
  return true;
}

/**
 * Signals a process, or with `group` its whole process group; that it is gone already is no error.
 * @param {ProcessIdentity} identity
 * @param {NodeJS.Signals} signal
 * @param {{ group?: boolean }} [options]
 */
export function signalProcess(identity, signal, { group = false } = {}) {
  if (!isAlive(identity)) return;
  try {
    process.kill(group ? -identity.pid : identity.pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}
