import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Tells a Prometheus where the fleet's metrics are; docker-compose.yml mounts the folder.
 * @param {string} home
 * @param {readonly import('./supervise.mjs').Part[]} parts
 */
export function writeTargets(home, parts) {
  const folder = join(home, 'prometheus');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'targets.json'), `${JSON.stringify(scrapeTargets(parts), null, 2)}\n`);
}

/**
 * As Prometheus reads targets from files. The sandbox has no metrics.
 * @param {readonly Pick<import('./supervise.mjs').Part, 'name' | 'readyUrl' | 'ownGroup'>[]} parts
 */
function scrapeTargets(parts) {
  return parts
    .filter(({ ownGroup }) => !ownGroup)
    .map(({ name, readyUrl }) => ({ targets: [new URL(readyUrl).host], labels: { process: name } }));
}
