import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { identify, isAlive } from './process-identity.mjs';

/**
 * Takes the lock, or says who holds it. A lock whose holder is gone is nobody's.
 * @param {string} path
 * @returns {{ release: () => void } | { holder: number }}
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    for (;;) {
      try {
        // A link appears whole or not at all: nobody ever reads half a lock.
        linkSync(own, path);
        return { release: () => rmSync(path, { force: true }) };
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      }
      const holder = lockHolder(path);
      if (holder !== undefined) return { holder };
      // Of several who find a dead lock, the rename lets one win; the others try anew.
      try {
        renameSync(path, `${own}.stale`);
        rmSync(`${own}.stale`, { force: true });
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
      }
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * The process that holds the lock, if one does.
 * @param {string} path
 * @returns {number | undefined}
 */
export function lockHolder(path) {
  const holder = readHolder(path);
  return isAlive(holder) ? holder.pid : undefined;
}

/**
 * Does something while holding the lock, waiting for it when another process has it.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} act
 * @param {{ withinMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, act, { withinMs = 180_000 } = {}) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const lock = tryLock(path);
    if ('release' in lock) {
      try {
        return await act();
      } finally {
        lock.release();
      }
    }
    if (Date.now() > deadline) throw new Error(`process ${lock.holder} has held ${path} for ${withinMs / 1000} s`);
    await later(100);
  }
}

/**
 * @param {string} path
 * @returns {import('./process-identity.mjs').ProcessIdentity | undefined}
 */
function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
