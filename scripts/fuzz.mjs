import { launchAlone, onEmptyServers } from './launch-alone.mjs';

/** Sends hostile requests and messages to a fleet on servers of its own: see `npm run fuzz -- --help`. */
Object.assign(process.env, { NODE_ENV: 'test' });
await launchAlone({ name: 'fuzz', script: 'test/fuzz/fuzz.js', ...onEmptyServers('fuzz') });
