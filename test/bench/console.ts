/**
 * `console`: how long each question of the console's screens takes, and each screen, when the tables are as large as they become:
 * a day of a million orders, thousands of dead letters, an outbox that is not worked off.
 */
import { createOperator } from '../../api/operators/operator.js';
import { CommandLineFaults } from '../../scripts/command-line.js';
import { Database } from '../../shared/postgres/database.js';
import { BenchFleet } from './bench-fleet.js';
import { firstLook, questionsAbout, timeOf } from './console-questions.js';
import { browserHere, timeScreens } from './console-screens.js';
import { type Filled, fillTables } from './console-tables.js';
import type { BenchContext, Check, Figure, Scenario, ScenarioResult } from './scenario.js';

const TIMES = 20;
/** For the code to be compiled, and connections to stand. */
const WARM_UP = 3;
const AT_MOST_MS = 300;

export const consoleScreens: Scenario = {
  name: 'console',
  summary: `the console's answers and screens over --table-orders orders and --letters dead letters, p95 of ${TIMES}`,
  limitMs: ({ tableOrders }) => 300_000 + tableOrders,
  async run(context) {
    const { options, servers, signal, say } = context;
    if (options.letters > options.tableOrders / 2)
      throw new CommandLineFaults(['--letters is more than half of --table-orders: a letter is about an order']);
    const fleet = await BenchFleet.prepare({
      urls: servers.urls,
      folder: '.local/bench/fleet',
      environment: {},
      profileFolder: options.profileFolder,
      signal,
    });
    const database = new Database({ url: servers.urls.DATABASE_URL, connections: 1, applicationName: 'warren bench' });
    try {
      say('migrating, filling the tables');
      await fleet.release();
      const filled = await fillTables(
        database,
        { orders: options.tableOrders, letters: options.letters },
        { signal, say },
      );
      const operator = await createOperator(database, { name: 'bench', role: 'viewer' });
      await fleet.startWeb();
      return await measure(context, { url: fleet.webUrl, key: operator?.key ?? '', filled, database });
    } finally {
      await fleet.stop();
      await database.close();
    }
  },
};

interface Begun {
  readonly url: string;
  /** Of an operator. */
  readonly key: string;
  readonly filled: Filled;
  readonly database: Database;
}

async function measure(
  { options, signal, say }: BenchContext,
  { url, key, filled, database }: Begun,
): Promise<ScenarioResult> {
  const headers = { authorization: `Bearer ${key}` };
  const figures: Figure[] = [];
  const questions = questionsAbout(filled);
  say(`${questions.size} questions, ${TIMES} times each`);
  for (const [name, path] of questions) {
    const asked = `${url}/operator${path}`;
    await timeOf(asked, { times: WARM_UP, headers, signal });
    figures.push(figureOf('answer', name, await timeOf(asked, { times: TIMES, headers, signal })));
  }
  figures.push(figureOf('answer', 'first look', await firstLook(`${url}/operator`, headers, signal)));
  const executable = await browserHere();
  if (executable === undefined) say('no screens: there is no browser here; WARREN_TEST_BROWSER names one');
  else {
    say('the screens in a browser');
    for (const [name, ms] of await timeScreens(executable, { url, key, filled, times: TIMES }))
      figures.push(figureOf('screen', name, ms));
  }
  const checks: Check[] = [
    { what: 'orders in the tables', expected: options.tableOrders, found: await count(database, 'orders') },
    {
      what: 'dead letters in the tables',
      expected: 11 * options.letters,
      found: await count(database, 'dead_letters'),
    },
  ];
  return { figures, checks };
}

const figureOf = (kind: 'answer' | 'screen', name: string, value: number): Figure => ({
  key: `${kind} ${name}`.replaceAll(/[^A-Za-z]+(.)/g, (_, first: string) => first.toUpperCase()),
  title: `${kind}: ${name}`,
  value,
  unit: 'ms',
  target: { atMost: AT_MOST_MS },
});

async function count(database: Database, table: 'orders' | 'dead_letters'): Promise<number> {
  const { rows } = await database.query<{ count: number }>({ text: `select count(*) as count from ${table}` });
  return rows[0]?.count ?? Number.NaN;
}
