import 'reflect-metadata';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { needs } from '../../api/needs.js';
import { needsOfFleet, type ProcessNeeds } from '../../shared/privileges/needs.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { type Touched, touchedBy } from '../support/sql-touched.js';

/** Made and looked after by the release step, or by commands, as the owner of the tables. */
const OF_THE_OWNER: readonly string[] = [];
/** What every process runs, and what a process with actors runs besides (`workers/worker-process.ts`, `workers/start-actors.ts`). */
const EVERY = ['shared/actors/signs-of-life.ts'];
const ACTORS = ['actor-runner', 'outbox-dispatcher', 'redrive-parked', 'replay/replaying', 'queue-settings-watch'];
/** Asks what only some handlers want. */
const STORED_ORDERS = 'shared/postgres/stored-orders.ts';
/** What of the folder is run by commands of the owner only. */
const NOT_OF_WEB = /development-keys|storefronts\/(make|own)|operators\/operator\.ts/;

describe('least privilege', () => {
  let tables: ReadonlySet<string>;
  let workers: RegisteredWorker[];
  let fleet: ProcessNeeds[];

  before(async () => {
    workers = await loadWorkers(await workerNames());
    fleet = needsOfFleet(workers, needs);
    tables = new Set(await tablesMade());
    expect(tables.size).to.be.above(25);
  });

  const undeclared = (process: ProcessNeeds, touched: readonly Touched[]): string[] => [
    ...new Set(
      touched
        .filter(
          ({ table, verb }) =>
            !process.tables.some((need) => need.table === table && need.verbs.some((allowed) => allowed === verb)),
        )
        .map(({ table, verb, where }) => `${process.process} needs on('${table}', '${verb}') for ${where}`),
    ),
  ];
  const needed = (name: string): ProcessNeeds => {
    const found = fleet.find(({ process }) => process === name);
    if (found === undefined) throw new Error(`there is no process ${name}`);
    return found;
  };
  const touchedByWorker = async ({ name, actors }: RegisteredWorker): Promise<Touched[]> => {
    const own = await sources(join('workers', name));
    return touchedBy(
      [...EVERY, ...own, ...(actors.length === 0 ? [] : ACTORS.map((file) => `shared/actors/${file}.ts`))],
      tables,
    );
  };

  it('has every table that a worker touches declared: in its *.state.ts, or in the needs of its *.worker.ts', async () => {
    // The runtime asks for these only where a handler is declared with `persons` or `storedOrder`, which the grants follow.
    const declares = (what: 'persons' | 'storedOrder', { actors }: RegisteredWorker): boolean =>
      actors.some(({ definition }) => [...definition.handlers.values()].some((handler) => handler[what]));
    const asked = (one: RegisteredWorker, { table, where }: Touched): boolean =>
      (table !== 'order_keys' || declares('persons', one)) && (where !== STORED_ORDERS || declares('storedOrder', one));
    const found = await Promise.all(
      workers.map(async (one) => {
        const touched = await touchedByWorker(one);
        return undeclared(
          needed(one.name),
          touched.filter((touch) => asked(one, touch)),
        );
      }),
    );
    const declaring = (what: 'persons' | 'storedOrder'): string[] =>
      workers.filter((one) => declares(what, one)).map(({ name }) => name);
    expect(declaring('persons')).to.have.members(['email', 'shipping']);
    expect(declaring('storedOrder')).to.have.members(['email', 'inventory', 'shipping', 'webhooks']);
    expect(found.flat()).to.deep.equal([]);
  });

  it('has every table that web touches declared in api/needs.ts', async () => {
    const files = (await sources('api')).filter((file) => !file.startsWith('api/console/') && !NOT_OF_WEB.test(file));
    expect(undeclared(needed('web'), touchedBy([...EVERY, ...files], tables))).to.deep.equal([]);
  });

  it('notices a table that is declared no more', async () => {
    const scheduler = workers.find(({ name }) => name === 'scheduler');
    if (scheduler === undefined) throw new Error('there is no scheduler');
    const less = {
      ...needed('scheduler'),
      tables: needed('scheduler').tables.filter(({ table }) => table !== 'timers'),
    };
    const found = undeclared(less, await touchedByWorker(scheduler));
    expect(found.join('\n')).to.include("scheduler needs on('timers', 'delete')").and.to.include("'timers', 'select'");
  });

  it('gives every table to a process, and names none that is not there', () => {
    const given = new Set(fleet.flatMap((process) => process.tables.map(({ table }) => table)));
    expect([...tables].filter((table) => !given.has(table) && !OF_THE_OWNER.includes(table))).to.deep.equal([]);
    expect([...given].filter((table) => !tables.has(table) && !table.startsWith('knex_'))).to.deep.equal([]);
  });

  it('has every message of another owner that an actor publishes declared among what it sends', async () => {
    for (const { name, actors } of workers) {
      const texts = await Promise.all((await sources(join('workers', name))).map((file) => readFile(file, 'utf8')));
      const published = new Set(
        texts.flatMap((text) => [...text.matchAll(/\b(?:publish|schedule)\((\w+),/g)].map(([, contract]) => contract)),
      );
      const foreign = texts
        .flatMap((text) => [...text.matchAll(/^import \{([^}]*)\} from '\.\.\/[^']+\/messages\.js'/gm)])
        .flatMap(([, names = '']) => names.split(',').map((one) => one.trim()))
        .filter((contract) => published.has(contract));
      const sent = actors.flatMap(({ definition }) => definition.sends ?? []);
      const nameOf = await contractNames();
      for (const contract of new Set(foreign))
        expect(
          sent.map((one) => one.name),
          `what ${name} sends`,
        ).to.include(nameOf.get(contract));
    }
  });

  /** Full names by the names under which they are exported. */
  async function contractNames(): Promise<ReadonlyMap<string, string>> {
    const texts = await Promise.all(
      workers.map(({ name }) => readFile(join('workers', name, 'messages.ts'), 'utf8').catch(() => '')),
    );
    return new Map(
      texts.flatMap((text) =>
        [...text.matchAll(/export const (\w+) = (?:event|command)\(\s*'([^']+)'/g)].map(
          ([, exported = '', full = '']) => [exported, full] as const,
        ),
      ),
    );
  }
});

async function sources(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files
    .filter((file) => /(?<!\.test|\.d)\.ts$/.test(file) && !file.includes('migrations/'))
    .map((file) => join(folder, file))
    .sort();
}

async function tablesMade(): Promise<string[]> {
  const workers = (await workerNames()).map((name) => join('workers', name, 'migrations'));
  const files = await Promise.all(
    ['migrations', ...workers].map((folder) =>
      readdir(folder).then(
        (names) => names.map((name) => join(folder, name)),
        () => [],
      ),
    ),
  );
  const texts = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
  const named = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name);
  const made = texts.flatMap((text) => named(text, /create (?:unlogged )?table (?:if not exists )?([a-z_]+) \(/g));
  const dropped = texts.flatMap((text) => named(text, /drop table (?:if exists )?([a-z_]+)/g));
  return made.filter((table) => !dropped.includes(table));
}
