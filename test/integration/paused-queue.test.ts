import 'reflect-metadata';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { keyedState, type State, text, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { createLogger } from '../../shared/observability/log.js';
import { fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { pauseQueue, resumeQueue, setPrefetch } from '../../shared/postgres/queue-settings.js';
import { leaseRedrives, redrivesUnderWay } from '../../shared/postgres/redrives.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { sampleLetter } from '../support/sample-letter.js';
import { until } from '../support/until.js';

const Bake = command('oven.bake', 1, Type.Object({ name: Type.String() }));
type Bake = Payload<typeof Bake>;
const Count = command('oven.count', 1, Type.Object({ name: Type.String() }));
type Count = Payload<typeof Count>;
const Loaves = keyedState('loaves', { key: { column: 'id', type: 'text' }, columns: { attempt: text() } });
type Loaf = Value<typeof Loaves>;

@Actor({ name: 'oven', state: Loaves, concurrency: 1, prefetch: 50 })
class OvenActor {
  begun = 0;
  #open: () => void = () => undefined;
  #opened: Promise<void>;

  constructor(shut = false) {
    this.#opened = shut
      ? new Promise((resolve) => {
          this.#open = resolve;
        })
      : Promise.resolve();
  }

  /** Lets what is begun end. */
  open(): void {
    this.#open();
  }

  @Effect(Bake, { keys: ({ name }) => name })
  async bake(_bake: Bake, loaf: State<Loaf>, { message }: EffectOutgoing): Promise<void> {
    this.begun += 1;
    await this.#opened;
    loaf.set({ attempt: String(message.attempt) });
  }

  @Decide(Count, { keys: ({ name }) => name })
  count(_count: Count, loaf: State<Loaf>, { message }: Outgoing): void {
    loaf.set({ attempt: String(message.attempt) });
  }
}

const ADA = { by: 'Ada', reason: 'the oven is being cleaned' };

describe('a queue that an operator has paused, on real servers', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let broker: TestBroker;
  let looking: BrokerConnection;
  let counts: QueueCounts;
  let fleets: TestFleet[] = [];

  const run = async (oven: OvenActor, urls: Partial<{ database: string; broker: string }> = {}): Promise<TestFleet> => {
    const all = { database: database.url, broker: broker.url, redis: needed('REDIS_URL'), ...urls };
    const fleet = new TestFleet(all);
    fleets.push(fleet);
    await fleet.run([oven], { held: true });
    return fleet;
  };
  const messages = (count: number, contract: typeof Bake | typeof Count = Bake) =>
    Array.from({ length: count }, () => {
      const id = v7();
      const about = { correlationId: id, causationId: null, producer: 'test', occurredAt: new Date() };
      return newMessage(contract, { name: id }, about);
    });
  const baked = async (): Promise<number> =>
    (await database.database.query<{ n: number }>({ text: 'select count(*)::integer as n from loaves' })).rows[0]?.n ??
    0;
  const queue = async (): Promise<{ readonly waiting: number; readonly consumers: number } | undefined> =>
    (await counts.count(['oven']))?.[0];
  const stands = (waiting: number, consumers: number) =>
    until(`${waiting} are ready and ${consumers} consume`, async () => {
      const now = await queue();
      return now?.waiting === waiting && now.consumers === consumers;
    });
  const pause = () => database.database.transaction((transaction) => pauseQueue(transaction, 'oven', ADA));
  const resume = () => database.database.transaction((transaction) => resumeQueue(transaction, 'oven'));

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    looking = new BrokerConnection(
      [broker.url],
      'test looking',
      createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test'),
    );
    counts = new QueueCounts(looking);
    looking.open();
    await database.database.query({
      text: 'create table loaves (id text primary key, attempt text not null, version bigint not null)',
    });
  });
  afterEach(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    fleets = [];
    await looking.close();
    await database.close();
    await broker.close();
  });

  it('finishes what is begun, gives back what is not, and is consumed by nobody until it is resumed, as if it had not been', async () => {
    const [first, second] = [new OvenActor(true), new OvenActor()];
    const fleet = await run(first);
    await stands(0, 1);
    await fleet.send(...messages(30));
    await until('one is begun', () => first.begun === 1);
    await stands(0, 1);
    await pause();
    // RabbitMQ counts a consumer until what it has in hand is settled.
    await until('the others are given back', async () => (await queue())?.waiting === 29);
    await run(second);
    await fleet.send(...messages(5, Count));
    expect(await baked()).to.equal(0);
    first.open();
    await until('what was begun is committed', async () => (await baked()) === 1);
    expect(second.begun).to.equal(0);
    await stands(34, 0);
    await resume();
    await until('all are handled', async () => (await baked()) === 35);
    const { rows } = await database.database.query<{ attempt: string }>({
      text: 'select distinct attempt from loaves',
    });
    expect(rows).to.deep.equal([{ attempt: '1' }]);
    expect(first.begun + second.begun).to.equal(30);
    await stands(0, 2);
  });

  it('stays so when the broker or the database was away, or the process ends', async () => {
    const toBroker = await CuttableProxy.start(broker.url, 5672);
    const toDatabase = await CuttableProxy.start(database.url, 5432);
    try {
      await pause();
      const fleet = await run(new OvenActor(), {
        broker: toBroker.inFrontOf(broker.url),
        database: toDatabase.inFrontOf(database.url),
      });
      await until('it knows', () => fleet.settled === true);
      const other = await run(new OvenActor());
      await other.send(...messages(3));
      await stands(3, 0);
      toDatabase.cut();
      toBroker.cut();
      await until('the broker is away', () => !fleet.parts.consuming.connected);
      toBroker.mend();
      await until('it is back', () => fleet.parts.consuming.connected);
      await fleet.connect();
      await fleet.send(...messages(1));
      await stands(4, 0);
      await fleet.stop();
      fleets = fleets.filter((one) => one !== fleet);
      await stands(4, 0);
      await resume();
      await until('all are handled', async () => (await baked()) === 4);
    } finally {
      await toBroker.close();
      await toDatabase.close();
    }
  });

  it('is not touched by a process that starts while it cannot know', async () => {
    const toDatabase = await CuttableProxy.start(database.url, 5432);
    try {
      toDatabase.cut();
      const fleet = await run(new OvenActor(), { database: toDatabase.inFrontOf(database.url) });
      await fleet.send(...messages(2, Count));
      await stands(2, 0);
      expect(fleet.settled).to.include('PostgreSQL');
      toDatabase.mend();
      await until('all are handled', async () => (await baked()) === 2);
    } finally {
      await toDatabase.close();
    }
  });

  it('has the prefetch that an operator sets, in processes that run and that start later, until it is taken back', async () => {
    const set = (prefetch: number | null) =>
      database.database.transaction((transaction) => setPrefetch(transaction, 'oven', prefetch));
    const ready = (count: number) => until(`${count} are ready`, async () => (await queue())?.waiting === count);
    const [first, second] = [new OvenActor(true), new OvenActor(true)];
    const fleet = await run(first);
    await fleet.send(...messages(60));
    await ready(10);
    // What it holds it keeps; the broker counts anew for what comes.
    await set(7);
    await ready(3);
    await run(second);
    await ready(0);
    await fleet.send(...messages(20));
    await ready(16);
    await set(null);
    await ready(0);
    first.open();
    second.open();
    await until('all are handled', async () => (await baked()) === 80);
    expect(first.begun + second.begun).to.equal(80);
  });

  it('gets no redrives: they stay in PostgreSQL until it is resumed', async () => {
    const letter = sampleLetter({ actor: 'oven' });
    const lease = () => leaseRedrives(database.database, { limit: 10, leaseMs: 60_000, release: 'test' });
    await database.database.transaction((transaction) => fileDeadLetters(transaction, [letter]));
    await database.database.query({ text: `update dead_letters set status = 'redriving'` });
    await pause();
    expect(await lease()).to.deep.equal([]);
    expect(await redrivesUnderWay(database.database, 'oven')).to.equal(false);
    await resume();
    expect((await lease()).map(({ messageId }) => messageId)).to.deep.equal([letter.messageId]);
    expect(await redrivesUnderWay(database.database, 'oven')).to.equal(true);
  });
});
