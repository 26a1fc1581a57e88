/** Replays of an actor's deposits, on real servers. */
import { v7 } from 'uuid';
import { replaying } from '../../shared/actors/replay/replaying.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { leastId } from '../../shared/messaging/message-id.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import {
  findReplay,
  makeReplay,
  moveReplay,
  type Replay,
  type ReplayStatus,
  type ReplayWanted,
} from '../../shared/postgres/replays.js';
import { createBroker, type TestBroker } from './broker.js';
import { createDatabase, type TestDatabase } from './database.js';
import { declaredActor } from './declared-actor.js';
import { AuditorActor, Deposit, TillActor } from './deposit-taking-actors.js';
import { TestFleet } from './fleet.js';
import { needed } from './needed.js';
import { until } from './until.js';

/** To be called in `describe`; each test has a database and a broker of its own. */
export function replaysPerTest() {
  let database: TestDatabase;
  let broker: TestBroker;
  let stops: (() => Promise<unknown>)[];
  let till: TillActor;
  let auditor: AuditorActor;
  const order = v7();

  const started = async (actors: readonly object[]): Promise<TestFleet> => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    stops.unshift(() => fleet.stop());
    await fleet.run(actors);
    return fleet;
  };
  /** What a process of the actor does besides handling messages. */
  const worksOnReplays = ({ parts }: TestFleet, leaseMs = 20_000): void => {
    const { definition, instance } = declaredActor(till);
    const rounds = replaying(definition, instance, { ...parts, leaseMs });
    stops.unshift(() => rounds.stop());
  };
  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await database.database.query<R>({ text, values })).rows;
  const from = { correlationId: order, causationId: null, producer: 'test', occurredAt: new Date() };
  const deposit = (pence: number, correlationId = order): Message =>
    newMessage(Deposit, { pence }, { ...from, correlationId });
  /** Messages that were published before anybody listened. */
  const history = async (...messages: Message[]): Promise<void> => {
    await database.database.transaction((transaction) => storeMessages(transaction, messages, 0));
    await rows('delete from outbox');
  };
  const made = async (wanted: Partial<ReplayWanted> = {}): Promise<string> => {
    const all = { actor: 'till', fromId: leastId(0), untilId: leastId(Date.now() + 1000), types: null, order: null };
    const whole = { ...all, effects: false, imported: false, perSecond: 1000, ...wanted };
    const id = v7();
    await database.database.transaction((transaction) =>
      makeReplay(transaction, whole, { id, by: 'ada', reason: 'to see it' }),
    );
    return id;
  };
  const reached = (id: string, status: ReplayStatus): Promise<Replay> =>
    until(`the replay is ${status}`, async () => {
      const replay = await findReplay(database.database, id);
      return replay?.status === status ? replay : undefined;
    });
  const move = (id: string, from: ReplayStatus, to: ReplayStatus): Promise<Replay | undefined> =>
    database.database.transaction((transaction) => moveReplay(transaction, id, { from: [from], to }));
  const totals = async (): Promise<number[]> =>
    (await rows<{ total: number }>('select total from accounts order by total')).map(({ total }) => total);

  beforeEach(async () => {
    stops = [];
    till = new TillActor();
    auditor = new AuditorActor();
    database = await createDatabase();
    broker = await createBroker();
    await rows('create table accounts (id uuid primary key, total bigint not null, version bigint not null)');
  });

  afterEach(async () => {
    for (const stop of stops) await stop();
    await database.close();
    await broker.close();
  });

  return {
    get database() {
      return database.database;
    },
    get till() {
      return till;
    },
    get auditor() {
      return auditor;
    },
    order,
    from,
    started,
    worksOnReplays,
    rows,
    deposit,
    history,
    made,
    reached,
    move,
    totals,
  };
}
