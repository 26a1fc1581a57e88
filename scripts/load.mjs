import { launch } from './launch.mjs';

/** Places the orders of a file through HTTP: see `npm run load -- --help`. */

await launch('scripts/load.js');
