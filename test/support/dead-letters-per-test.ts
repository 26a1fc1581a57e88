/** Dead letters of actors that take notes, and what looks after them, on real servers. */
import { expect } from 'chai';
import type { Running } from '../../shared/actors/worker.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { redriveLetter } from '../../shared/postgres/dead-letter-changes.js';
import { worker as deadLetters } from '../../workers/dead-letters/dead-letters.worker.js';
import { createBroker, type TestBroker } from './broker.js';
import { createDatabase, type TestDatabase } from './database.js';
import { TestFleet } from './fleet.js';
import { needed } from './needed.js';
import { broken, ClerkActor, Note } from './note-taking-actors.js';
import { until } from './until.js';

const STOP_MS = 2000;

/** To be called in `describe`; each test has a database and a broker of its own. */
export function deadLettersPerTest() {
  let database: TestDatabase;
  let broker: TestBroker;
  /** In the order in which they were started. */
  const stops = new Map<TestFleet | Running, () => Promise<unknown>>();
  const author = { by: 'ada', reason: 'it is mended' };

  const newFleet = (release = 'r1'): TestFleet => {
    const urls = { database: database.url, broker: broker.url, redis: needed('REDIS_URL') };
    const fleet = new TestFleet(urls, release);
    stops.set(fleet, () => fleet.stop());
    return fleet;
  };
  const started = async (actor: object = new ClerkActor(), release = 'r1'): Promise<TestFleet> => {
    const fleet = newFleet(release);
    await fleet.run([actor]);
    return fleet;
  };
  // The worker asks nothing of the environment and resolves nothing.
  const lookAfter = (fleet: TestFleet): Running => {
    const one = deadLetters.start(fleet.parts, undefined as never, undefined as never);
    stops.set(one, () => one.stop(STOP_MS));
    return one;
  };
  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await database.database.query<R>({ text, values })).rows;
  const note = (n: number, order: string): Message =>
    newMessage(
      Note,
      { n },
      { correlationId: order, causationId: null, producer: 'test', occurredAt: new Date('2026-01-01') },
    );
  /** What was noted, in its order. */
  const notes = async (): Promise<number[]> =>
    (await rows<{ n: number }>('select n from notes order by id')).map(({ n }) => n);
  const noteds = (...expected: number[]): Promise<unknown> =>
    until(`${expected} are noted`, async () => (await notes()).length === expected.length).then(async () =>
      expect(await notes()).to.deep.equal(expected),
    );
  const statuses = async (): Promise<string[]> =>
    (await rows<{ status: string }>('select status from dead_letters order by id')).map(({ status }) => status);
  const standing = (...expected: string[]): Promise<unknown> =>
    until(`the letters are ${expected}`, async () => String(await statuses()) === String(expected));
  const letterOf = async ({ id }: Message): Promise<string> =>
    (await rows<{ id: string }>('select id from dead_letters where message_id = $1 order by id', id))[0]?.id ?? '';

  const change = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => database.database.transaction(work);
  const redrive = (letter: string): Promise<void> =>
    change((transaction) => redriveLetter(transaction, letter, author));

  /** Before the end of the test. */
  const stop = async (one: TestFleet | Running): Promise<void> => {
    const stopIt = stops.get(one);
    stops.delete(one);
    await stopIt?.();
  };

  beforeEach(async () => {
    broken.clear();
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: `create table folders (id uuid primary key, notes bigint not null, version bigint not null);
             create table notes (id uuid primary key, n bigint not null)`,
    });
  });

  afterEach(async () => {
    for (const one of [...stops.keys()].reverse()) await stop(one);
    await database.close();
    await broker.close();
  });

  return {
    get database() {
      return database.database;
    },
    get brokerUrl() {
      return broker.url;
    },
    author,
    newFleet,
    started,
    lookAfter,
    stop,
    rows,
    note,
    notes,
    noteds,
    statuses,
    standing,
    letterOf,
    change,
    redrive,
  };
}
