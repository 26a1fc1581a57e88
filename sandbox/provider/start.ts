/** The sandbox provider as a process, for development only: `node dist/sandbox/provider/start.js`. */
import { providerEnvironment } from '../environment.js';
import { run } from '../lifecycle.js';
import { startProvider } from './provider.js';

await run('provider', () => startProvider(providerEnvironment(process.env)));
