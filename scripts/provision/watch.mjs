import { join } from 'node:path';
import { isAlive } from './process-identity.mjs';
import { readRecord } from './record.mjs';

const LOOK_EVERY_MS = 2_000;

/**
 * Says when a server of ours has ended, and when it is back. It is not started again by itself: who takes a server away,
 * to see what the fleet does without it, decides when it returns.
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {string} home
 * @param {(line: string) => void} say
 * @returns {{ end: () => void }}
 */
export function watchServers(servers, home, say) {
  /** @param {import('./server.mjs').Server} server */
  const runs = (server) => isAlive(readRecord(join(home, server.name))?.process);
  // Those that are not private instances of ours, here and now, are none of our business.
  const watched = servers.filter(runs);
  /** @type {Set<import('./server.mjs').Server>} */
  const gone = new Set();
  const timer = setInterval(() => {
    for (const server of watched) {
      if (runs(server)) {
        if (gone.delete(server)) say(`${server.title} is back.`);
      } else if (!gone.has(server)) {
        gone.add(server);
        say(`${server.title} has ended. To start it again: node scripts/servers.mjs up ${server.name}`);
      }
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return { end: () => clearInterval(timer) };
}
