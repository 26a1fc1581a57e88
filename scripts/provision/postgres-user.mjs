import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../terminal/failure.mjs';

/**
 * PostgreSQL refuses to run as root. Started by root it runs as another user, who must own its data folder and be able
 * to reach it.
 * @typedef {{ name: string, uid: number, gid: number }} OtherUser
 */

/**
 * Who runs PostgreSQL when we are root: whoever owns the data already, or else `postgres` or `nobody`. Undefined when we
 * are not root, and it runs as ourselves.
 * @param {readonly string[]} folders where data may be
 * @returns {OtherUser | undefined}
 */
export function postgresUser(folders) {
  if (process.getuid?.() !== 0) return undefined;
  for (const folder of folders) {
    const found = statOf(folder);
    if (found && found.uid !== 0) return { name: nameOf(found.uid), uid: found.uid, gid: found.gid };
  }
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined && uid > 0) return { name, uid, gid };
  }
  throw new Failure('PostgreSQL does not run as root, and this system has neither a user postgres nor nobody', {
    remedy: 'run this as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours',
  });
}

/**
 * Where PostgreSQL's data can be: in .local, or, when the user that runs it cannot reach that, in a folder under
 * /var/tmp that belongs to this one folder alone.
 * @param {string} folder inside .local
 */
export function possibleHomes(folder) {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return { inside: join(folder, 'server'), elsewhere: `/var/tmp/warren-postgres-${key}` };
}

/**
 * Makes the folder that holds what PostgreSQL writes. It is the user's, and can be reached by it, when this returns.
 * @param {string} folder inside .local
 * @param {OtherUser | undefined} user
 */
export function makeHome(folder, user) {
  const { inside, elsewhere } = possibleHomes(folder);
  mkdirSync(inside, { recursive: true });
  chmodSync(inside, 0o700);
  if (!user) return inside;
  openOurParents(inside);
  chownSync(inside, user.uid, user.gid);
  const began = statOf(join(elsewhere, 'data'))?.uid === user.uid && !statOf(join(inside, 'data'));
  if (!began && canEnter(inside, user)) return inside;
  mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
  const found = lstatSync(elsewhere);
  if (!found.isDirectory() || (found.uid !== 0 && found.uid !== user.uid)) {
    throw new Failure(`${elsewhere} is not ours, so PostgreSQL's data cannot go there`, {
      why: `user ${user.name} cannot reach ${folder}`,
      remedy: `remove ${elsewhere}, or let others pass through the folders above ${folder} (chmod o+x)`,
    });
  }
  chownSync(elsewhere, user.uid, user.gid);
  chmodSync(elsewhere, 0o700);
  return elsewhere;
}

/**
 * Lets others pass through the folders between .local and this one: they are ours. Those above are not touched.
 * @param {string} folder
 */
function openOurParents(folder) {
  const parents = [];
  for (let at = dirname(folder); at !== dirname(at); at = dirname(at)) {
    parents.push(at);
    if (basename(at) === '.local') {
      for (const parent of parents) chmodSync(parent, 0o755);
      return;
    }
  }
}

/**
 * @param {string} folder
 * @param {OtherUser} user
 */
function canEnter(folder, { uid, gid }) {
  try {
    execFileSync('/bin/sh', ['-c', 'cd "$0"', folder], { uid, gid, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param {string} folder */
function statOf(folder) {
  return lstatSync(folder, { throwIfNoEntry: false });
}

/** @param {number} uid */
function nameOf(uid) {
  try {
    return execFileSync('id', ['-un', String(uid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return `number ${uid}`;
  }
}

/**
 * @param {'-u' | '-g'} which
 * @param {string} name
 */
function idOf(which, name) {
  try {
    return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return undefined;
  }
}
