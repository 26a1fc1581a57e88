import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';
import { INVARIANTS } from '../../audit/invariants/all.js';
import { variables } from '../../config/environment.js';
import { actorVariables } from '../../config/process-variables.js';
import type { Variable } from '../../config/variable.js';
import { webVariables } from '../../config/web-variables.js';
import { auditVariables } from '../../scripts/audit/options.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { anchorsIn, blocksIn, codeIn, localLinksIn, rowsUnder } from '../support/markdown.js';
import { unservedIntake } from '../support/unserved-intake.js';

const read = (path: string): Promise<string> => readFile(path, 'utf8');

describe('the documentation', () => {
  let workers: RegisteredWorker[];
  let configuration: string;
  let readme: string;

  before(async () => {
    workers = await loadWorkers(await workerNames());
    [configuration, readme] = await Promise.all([read('docs/configuration.md'), read('README.md')]);
  });

  it('has every variable that all processes read, with its names and its default, and no other', () => {
    expect(documented('## Every process')).to.deep.equal(declared(Object.values(variables)));
  });

  it('has every variable of web alone, and no other', () => {
    expect(documented('## Web')).to.deep.equal(declared(Object.values(webVariables)));
  });

  it('has every variable of a worker alone, and no other', () => {
    const own = workers.flatMap(({ composition }) => Object.values<Variable<unknown>>(composition?.variables ?? {}));
    expect(documented('## Workers')).to.deep.equal(declared(own));
  });

  it('has prefetch and concurrency of every actor, and no other', () => {
    const limits = definitions().flatMap((actor) => Object.values(actorVariables(actor.name, actor)));
    expect(documented('## Prefetch and concurrency')).to.deep.equal(declared(limits));
  });

  it('has every variable of the sandbox, and no other', async () => {
    const source = await read('sandbox/environment.ts');
    const names = matches(source, /^ {2}\| '(\w+)'/gm).filter((name) => /^(PROVIDER|MAIL_SINK)_/.test(name));
    expect(names).not.to.be.empty;
    expect(Object.keys(documented('## Sandbox'))).to.have.members(names);
  });

  it('has every variable of the audit, and no other', () => {
    expect(documented('## Audit')).to.deep.equal(declared(Object.values(auditVariables)));
  });

  it('has every check of the audit with when it holds, and no other', async () => {
    const rows = rowsUnder(await read('docs/audit.md'), '## Invariants').map((cells) => cells.join(' '));
    const checks = INVARIANTS.flatMap(({ number, title, checks }) =>
      checks.map(({ what, holds }) => `${number} ${title} ${what} ${holds.replace('-', ' ')}`),
    );
    expect(rows).to.deep.equal(checks);
  });

  it('has every variable of the commands of development, and no other', async () => {
    const scripts = await sources('scripts', 'test/support', 'test/simulation');
    const compose = await read('docker-compose.yml');
    const known = [
      ...matches(compose, /\$\{(\w+)/g),
      ...matches(scripts, /\b(?:process\.env|environment)(?:\.|\[')([A-Z_]{2,})/g),
      // The servers' own names for themselves.
      ...matches(scripts, /^ +variables: \[(.*)\]/gm).flatMap((list) => matches(list, /'(\w+)'/g)),
    ];
    // The first two are the system's and npm's; the third is read by the product as well, and stands there.
    const elsewhere = ['PATH', 'INIT_CWD', 'REDIS_TLS_REJECT_UNAUTHORIZED'];
    const names = rowsUnder(configuration, '## Commands of development').flatMap(([cell = '']) => codeIn(cell));
    expect([...new Set(names)]).to.have.members([...new Set(known)].filter((name) => !elsewhere.includes(name)));
  });

  it('has every problem with its status, and no other', async () => {
    const source = await read('api/problem.ts');
    const catalogue = [...source.matchAll(/^ {2}'?([a-z.-]+)'?: \{ status: (\d+),/gm)];
    expect(catalogue.length).to.be.greaterThan(10);
    const rows = rowsUnder(readme, '### Problems').map(([code = '', status]) => `${codeIn(code)[0]} ${status}`);
    expect(rows).to.have.members(catalogue.map(([, code, status]) => `${code} ${status}`));
  });

  it("has every attribute of Warren's own that spans have, and no other", async () => {
    const known = matches(await sources('shared', 'api'), /'(warren\.[a-z_.]+)'/g);
    expect(known).not.to.be.empty;
    const names = rowsUnder(await read('docs/tracing.md'), '## Spans').flatMap(([cell = '']) => codeIn(cell));
    expect(names.filter((name) => name.startsWith('warren.'))).to.have.members([...new Set(known)]);
  });

  it('has every route of the intake, and no other', async () => {
    const rows = [...rowsUnder(readme, '### Routes'), ...rowsUnder(await read('docs/operating.md'), '## Routes')].map(
      ([route = '']) => codeIn(route)[0],
    );
    const { app, routes, close } = unservedIntake();
    await app.ready();
    await close();
    const shown = routes.filter(({ method }) => method !== 'HEAD');
    expect(rows).to.have.members(shown.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`));
  });

  it('shows the Procfile as it is, and tells of each of its processes and no other', async () => {
    const procfile = await read('Procfile');
    expect(readme).to.include(`\`\`\`\n${procfile}\`\`\``);
    const rows = rowsUnder(readme, '### Processes').flatMap(([name]) => codeIn(name ?? ''));
    expect(rows).to.have.members(matches(procfile, /^([^:]+):/gm));
  });

  it('shows the worker that is added whole, as the fixture of the test that adds it', async () => {
    const files = await Promise.all(
      ['messages.ts', 'fraud.actor.ts', 'migrations/20261121110000_fraud.ts'].map((file) => read(`test/fraud/${file}`)),
    );
    const asInWorkers = files.map((file) => file.replace(OPENING_COMMENT, '').replaceAll("'../../workers/", "'../"));
    expect(blocksIn(readme, 'ts')).to.deep.equal(asInWorkers);
  });

  it('has every migration of which something is to be dropped, as the places in the code do that go with it, and no other', async () => {
    const code = await sources('api', 'audit', 'config', 'migrations', 'scripts', 'shared', 'workers');
    const rows = rowsUnder(await read('CONTRIBUTING.md'), '## To be dropped');
    const made = rows.flatMap(([, migration = '']) => codeIn(migration));
    expect(made).not.to.be.empty;
    expect([...new Set(made)]).to.have.members([...new Set(matches(code, /to be dropped: (\d+)/g))]);
    const migrations = (
      await Promise.all(['migrations', 'workers/webhooks/migrations'].map((at) => readdir(at)))
    ).flat();
    const numbers = migrations.map((file) => file.split('_', 1)[0]);
    expect(numbers).to.include.members(rows.flatMap((cells) => matches(cells.join(), /\b(\d{14})\b/g)));
  });

  it('counts exchanges, queues and bindings as the release step declares them', async () => {
    const { exchanges, queues, bindings, exchangeBindings } = topologyOf(definitions());
    expect(await read('docs/architecture.md')).to.include(
      `${exchanges.length} exchanges, ${queues.length} queues, ${bindings.length + exchangeBindings.length} bindings`,
    );
  });

  it('names no file, link, metric or npm script that does not exist', async () => {
    const metrics = matches(await sources('shared', 'api', 'workers'), /name: '(warren_\w+)'/g);
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await read('package.json'));
    const missing: string[] = [];
    for (const path of await pages()) {
      const text = await read(path);
      const code = codeIn(text);
      missing.push(
        ...code.filter(isPath).filter((file) => !existsSync(file)),
        ...code.filter((name) => /^warren_\w+$/.test(name) && !metrics.includes(name)),
        ...matches(text, /\bnpm run ([\w-]+)/g).filter((name) => !(name in scripts)),
      );
      for (const link of localLinksIn(text)) {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : normalize(join(dirname(path), file));
        const found = existsSync(target) && (anchor === undefined || anchorsIn(await read(target)).includes(anchor));
        if (!found) missing.push(`${path}: ${link}`);
      }
    }
    expect(missing).to.deep.equal([]);
  });

  const definitions = () => workers.flatMap(({ actors }) => actors.map(({ definition }) => definition));

  /** Names of a variable and its default, as the tables of a section have them. */
  function documented(heading: string): Record<string, string> {
    const rows = rowsUnder(configuration, heading);
    return Object.fromEntries(
      rows.map(([names = '', fallback = '']) => [codeIn(names).join(), codeIn(fallback)[0] ?? fallback]),
    );
  }
});

/** What a file is for; the fixture's tells that it is one. */
const OPENING_COMMENT = /^\/\*\*.*?\*\/\n/s;

function declared(of: readonly Variable<unknown>[]): Record<string, string> {
  return Object.fromEntries(
    of.map(({ names, fallback }) => [names.join(), fallback === undefined ? 'required' : fallback || 'none']),
  );
}

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, found]) => found ?? []);

/** Sources of the folders, tests left out. */
async function sources(...folders: string[]): Promise<string> {
  const files = await Promise.all(
    folders.map(async (folder) => (await readdir(folder, { recursive: true })).map((file) => join(folder, file))),
  );
  const wanted = files.flat().filter((file) => /(?<!\.test)\.(ts|mjs)$/.test(file) || file.endsWith('flow.test.ts'));
  return (await Promise.all(wanted.map(read))).join('\n');
}

async function pages(): Promise<string[]> {
  const docs = (await readdir('docs', { recursive: true })).filter((file) => file.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((file) => join('docs', file))];
}

/** A file or folder of this repository: what is made when it runs, or is only an example, is none. */
function isPath(code: string): boolean {
  return (
    /^(api|audit|config|docs|migrations|sandbox|scripts|shared|test|workers)\/[\w./-]*$/.test(code) &&
    !/fraud/.test(code)
  );
}
