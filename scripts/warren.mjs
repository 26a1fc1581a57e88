#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HOME, portsOfStart, serverUrlsOfStart } from './fleet/of-start.mjs';
import { fleetEnvironment } from './fleet/parts.mjs';
import { launch, ROOT } from './launch.mjs';

/** `npx warren`: looks after a fleet, by default that of `npm start` here. What is compiled runs as it is; where nothing is, it is compiled first. */

if (process.argv.includes('doctor')) Object.assign(process.env, await environmentOfStart());
const compiled = join(ROOT, 'dist', 'scripts', 'warren.js');
if (existsSync(compiled)) await import(pathToFileURL(compiled).href);
else await launch('scripts/warren.js');

/** What `npm start` tells its processes, where the environment names no servers of its own. */
async function environmentOfStart() {
  const ports = portsOfStart();
  if (process.env.DATABASE_URL || !ports) return {};
  const environment = { ...(await serverUrlsOfStart()), ...process.env };
  return fleetEnvironment({ home: HOME, port: Number(process.env.PORT || 8080), ports, environment });
}
