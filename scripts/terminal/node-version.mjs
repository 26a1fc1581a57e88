import { readFileSync } from 'node:fs';

/** Imported first: says in one line what an older Node would say in a stack trace of something else. */
const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const [wanted = [], running = []] = [engines.node, process.versions.node].map((version) =>
  version.replace(/^>=/, '').split('.').map(Number),
);
if (running[0] < wanted[0] || (running[0] === wanted[0] && running[1] < wanted[1])) {
  process.stderr.write(
    `This needs Node ${engines.node}; this is ${process.versions.node}. Get one from https://nodejs.org\n`,
  );
  process.exit(1);
}
