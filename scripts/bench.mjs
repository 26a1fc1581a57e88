import { join } from 'node:path';
import { launch } from './launch.mjs';
import { launchAlone } from './launch-alone.mjs';
import { stopServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';

/** Measures the program on servers of its own: see `npm run bench -- --help`. */

// A plan is only computed, from results that are kept.
if (process.argv[2] === 'plan') await launch('test/bench/plan/plan.js');
else {
  await launchAlone({
    name: 'bench',
    script: 'test/bench/bench.js',
    tellsProcesses: true,
    remedy: 'wait until it has ended: two at once would measure each other',
    // It starts them itself, as each measurement needs them.
    async end(home) {
      await stopServers(servers, { home: join(home, 'servers'), startedBy: 'bench', anyones: true });
    },
  });
}
