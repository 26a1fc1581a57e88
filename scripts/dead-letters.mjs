import { join } from 'node:path';
import { launch, ROOT } from './launch.mjs';
import { isRunning } from './provision/instance.mjs';
import { postgres } from './provision/postgres.mjs';
import { readRecord } from './provision/record.mjs';

/** Looks at dead letters, redrives, edits and discards them: see `npm run dead-letters -- --help`. */

await launch('scripts/dead-letters.js', {
  // Without an address, those of `npm start`.
  async before() {
    if (process.env['DATABASE_URL']) return;
    const record = readRecord(join(ROOT, '.local', 'dev', 'postgres'));
    if (record !== undefined && (await isRunning(postgres, record))) Object.assign(process.env, postgres.urls(record));
  },
});
