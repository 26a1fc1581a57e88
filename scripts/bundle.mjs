import { bundle } from './build/bundle.mjs';

/** The second step of `npm run build`. */

await bundle(process.cwd());
