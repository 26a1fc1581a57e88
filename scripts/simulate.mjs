import { launch } from './launch.mjs';

/** Runs the runtime in a world of its own, without servers: see `npm run simulate -- --help`. */
await launch('test/simulation/runtime/simulate.js');
