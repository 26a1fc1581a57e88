import { launchAlone, onEmptyServers } from './launch-alone.mjs';

/** Kills processes at every boundary, on servers of its own: see `npm run certify -- --help`. */
Object.assign(process.env, { NODE_ENV: 'test' });
await launchAlone({ name: 'certify', script: 'test/certify/certify.js', ...onEmptyServers('certify') });
