import 'reflect-metadata';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { container } from 'tsyringe';
import { v7 } from 'uuid';
import { type Environment, variables } from '../../config/environment.js';
import { readVariables } from '../../config/variable.js';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { bigint, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import type { Running } from '../../shared/actors/worker.js';
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import { newTimer } from '../../shared/messaging/timer.js';
import Type from '../../shared/messaging/typebox.js';
import { dropOldPartitions } from '../../shared/postgres/retention.js';
import { fireDueTimers, saveTimers, secondsAhead } from '../../shared/postgres/timers.js';
import { AlertSettings } from '../../workers/scheduler/alerts/settings.js';
import { Retention } from '../../workers/scheduler/retention.js';
import { worker as scheduler } from '../../workers/scheduler/scheduler.worker.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { TEST_KEYS } from '../support/keyring.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Wound = event('clock.wound', 1, Type.Object({ afterMs: Type.Number(), fails: Type.Optional(Type.Boolean()) }));
const Stopped = event('clock.stopped', 1, Type.Object({}));
const Ring = command('clock.ring', 1, Type.Object({ afterMs: Type.Number() }));
type Wound = Payload<typeof Wound>;
type Ring = Payload<typeof Ring>;
const Rings = keyedState('rings', { key: { column: 'id', type: 'uuid' }, columns: { count: bigint() } });
type Ringing = Value<typeof Rings>;

/** Rings so long after it was wound, unless it is wound again or stopped. */
@Actor({ name: 'clock', state: Rings, maxAttempts: 1 })
class ClockActor {
  @Decide(Wound)
  wind({ afterMs, fails }: Wound, _rings: State<Ringing>, { schedule }: Outgoing): void {
    schedule(Ring, { afterMs }, { afterMs });
    if (fails) throw new Error('the spring broke');
  }

  @Decide(Stopped)
  stop(_stopped: object, _rings: State<Ringing>, { unschedule }: Outgoing): void {
    unschedule(Ring);
  }

  @Decide(Ring)
  ring(_ring: Ring, rings: State<Ringing>, _outgoing: Outgoing): void {
    rings.set({ count: (rings.value?.count ?? 0) + 1 });
  }
}

describe('timers', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[];
  let schedulers: Running[];

  const newFleet = (): TestFleet => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    fleets.push(fleet);
    return fleet;
  };
  /** A process of the scheduler; by default its Redis is away, and only its rounds make it look. */
  const startScheduler = (fleet: TestFleet, redisUrl = 'redis://127.0.0.1:1'): Running => {
    const environment: Environment = readVariables(variables, {
      ...process.env,
      ENCRYPTION_KEYS: TEST_KEYS,
      DATABASE_URL: database.url,
      RABBITMQ_URL: broker.url,
      REDIS_URL: redisUrl,
    });
    const own = container.createChildContainer();
    own.registerInstance<Retention>(Retention, { eventLogDays: 30, inboxDays: 30 });
    own.registerInstance<AlertSettings>(AlertSettings, {
      thresholds: { lagS: 300, outboxS: 120 },
      receivers: [],
      repeatMs: 60_000,
    });
    const running = scheduler.start(fleet.parts, environment, own);
    schedulers.push(running);
    return running;
  };
  const numberOf = async (text: string): Promise<number> =>
    (await database.database.query<{ n: number }>({ text: `select count(*) as n from ${text}` })).rows[0]?.n ?? 0;
  const ringsOf = async (id: string): Promise<number> =>
    (await database.database.query<{ count: number }>({ text: 'select count from rings where id = $1', values: [id] }))
      .rows[0]?.count ?? 0;
  const timers = () => numberOf('timers');
  const handled = (n: number) => until(`${n} are handled`, async () => (await numberOf('inbox')) === n);

  beforeEach(async () => {
    fleets = [];
    schedulers = [];
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: 'create table rings (id uuid primary key, count bigint not null, version bigint not null)',
    });
  });

  afterEach(async () => {
    await Promise.all(schedulers.map((running) => running.stop(1000)));
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await database.close();
    await broker.close();
  });

  it('publish when they are due and not before, once, with the message that scheduled them as their cause', async () => {
    const fleet = newFleet();
    await fleet.run([new ClockActor()]);
    startScheduler(fleet);
    const order = v7();
    const wound = await fleet.publish(Wound, { afterMs: 1000 }, order);
    await until('it rang', async () => (await ringsOf(order)) === 1, 15_000);
    expect(await timers()).to.equal(0);
    const { rows } = await database.database.query<{ cause: string; producer: string; late: number }>({
      text: `select ring.causation_id as cause, ring.producer, extract(epoch from ring.occurred_at - wound.occurred_at)::float8 as late
             from event_log as ring join event_log as wound on wound.id = ring.causation_id where ring.type = 'clock.ring'`,
    });
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include({ cause: wound.id, producer: 'clock' });
    expect(rows[0]?.late).to.be.at.least(1);
  });

  it('are there with what the handler decided, or not at all', async () => {
    const fleet = newFleet();
    await fleet.run([new ClockActor()]);
    await fleet.publish(Wound, { afterMs: 60_000, fails: true }, v7());
    await until('it is a dead letter', () => fleet.takeDeadLetter());
    expect(await timers()).to.equal(0);
  });

  it('are one of a kind for an order: winding again puts it off, stopping takes it back', async () => {
    const fleet = newFleet();
    await fleet.run([new ClockActor()]);
    const order = v7();
    await fleet.publish(Wound, { afterMs: 60_000 }, order);
    await handled(1);
    await fleet.publish(Wound, { afterMs: 0 }, order);
    await handled(2);
    expect(await timers()).to.equal(1);
    expect(await fireDueTimers(database.database, 10, 0)).to.have.length(1);
    await fleet.publish(Wound, { afterMs: 0 }, order);
    await handled(3);
    await fleet.publish(Stopped, {}, order);
    await handled(4);
    expect(await fireDueTimers(database.database, 10, 0)).to.deep.equal([]);
  });

  it('are each published once by several schedulers', async () => {
    const fleet = newFleet();
    await fleet.run([new ClockActor()]);
    const orders = Array.from({ length: 1200 }, () => v7());
    const due = orders.map((correlationId) =>
      newTimer(Ring, { afterMs: 0 }, { correlationId, causationId: null, producer: 'test', afterMs: 0 }),
    );
    await database.database.transaction((transaction) => saveTimers(transaction, due));
    for (const process of [newFleet(), newFleet()]) {
      await process.connect();
      startScheduler(process, needed('REDIS_URL'));
    }
    await until('all rang', async () => (await numberOf('rings')) === 1200, 30_000);
    expect(await numberOf(`event_log where type = 'clock.ring'`)).to.equal(1200);
    expect(await numberOf('rings where count <> 1')).to.equal(0);
  });

  it('ring on time when Redis keeps the time', async () => {
    const fleet = newFleet();
    await fleet.run([new ClockActor()]);
    startScheduler(fleet, needed('REDIS_URL'));
    const orders = Array.from({ length: 4 }, () => v7());
    // Longer than the time between two rounds, at four points between them: without alarms one would be late by seconds.
    for (const [index, order] of orders.entries()) await fleet.publish(Wound, { afterMs: 6000 + index * 1300 }, order);
    await until('all rang', async () => (await numberOf('rings')) === orders.length, 30_000);
    const { rows } = await database.database.query<{ late: number }>({
      text: `select (extract(epoch from ring.occurred_at - wound.occurred_at) * 1000)::float8 - (ring.payload ->> 'afterMs')::float8 as late
             from event_log as ring join event_log as wound on wound.id = ring.causation_id where ring.type = 'clock.ring'`,
    });
    expect(Math.max(...rows.map(({ late }) => late))).to.be.below(3000);
  });

  it('ring, and maintenance recurs, also after Redis has forgotten everything', async () => {
    const url = new URL(needed('REDIS_URL'));
    url.pathname = '/7';
    const redis = new Redis(url.href);
    try {
      const fleet = newFleet();
      await fleet.run([new ClockActor()]);
      startScheduler(fleet, url.href);
      const recurs = () => until('maintenance recurs', async () => (await redis.zcard('warren:scheduler:repeat')) > 0);
      await recurs();
      const order = v7();
      await fleet.publish(Wound, { afterMs: 6000 }, order);
      await handled(1);
      await redis.flushdb();
      await recurs();
      await until('it rang', async () => (await ringsOf(order)) === 1, 15_000);
    } finally {
      redis.disconnect();
    }
  });

  it('skip those whose order is just taking them back, instead of waiting', async () => {
    const correlationId = v7();
    const timer = newTimer(Ring, { afterMs: 0 }, { correlationId, causationId: null, producer: 'test', afterMs: 0 });
    await database.database.transaction((transaction) => saveTimers(transaction, [timer]));
    await database.database.transaction(async (transaction) => {
      await saveTimers(transaction, [{ correlationId, type: Ring.name }]);
      expect(await fireDueTimers(database.database, 10, 0)).to.deep.equal([]);
    });
    expect(await timers()).to.equal(0);
  });

  it('name the seconds in which alarms are wanted, once each', async () => {
    const timersAt = [1500, 1500, 4000, 90_000].map((afterMs) =>
      newTimer(Ring, { afterMs }, { correlationId: v7(), causationId: null, producer: 'test', afterMs }),
    );
    await database.database.transaction((transaction) => saveTimers(transaction, timersAt));
    const ahead = await secondsAhead(database.database, 10_000);
    expect(ahead).to.have.length(2);
    for (const { inMs } of ahead) expect(inMs).to.be.within(0, 5000);
  });
});

describe('retention', () => {
  let database: TestDatabase;
  const partitions = async (table: string): Promise<string[]> =>
    (
      await database.database.query<{ name: string }>({
        text: `select relname as name from pg_inherits join pg_class on oid = inhrelid where inhparent = $1::regclass order by 1`,
        values: [table],
      })
    ).rows.map(({ name }) => name);
  /** A partition of a day long ago, with one row in it. */
  const makeOld = async (table: 'event_log' | 'inbox', daysAgo: number): Promise<{ name: string; id: string }> => {
    const { rows } = await database.database.query<{ day: string; id: string; from: string; to: string }>({
      text: `select to_char(day, 'YYYYMMDD') as day, uuid_v7_floor((day + interval '1 hour') at time zone 'utc') as id,
                    uuid_v7_floor(day at time zone 'utc') as from, uuid_v7_floor((day + interval '1 day') at time zone 'utc') as to
             from (select date_trunc('day', now() at time zone 'utc') - $1 * interval '1 day' as day) as days`,
      values: [daysAgo],
    });
    const { day, id, from, to } = rows[0] ?? { day: '', id: '', from: '', to: '' };
    const name = `${table}_${day}`;
    await database.database.query({
      text: `create table ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
    });
    await database.database.query(
      table === 'inbox'
        ? { text: `insert into inbox (actor, message_id) values ('clock', $1)`, values: [id] }
        : {
            text: `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
                   values ($1, 'clock.wound', 1, $1, 'test', now(), '{}')`,
            values: [id],
          },
    );
    return { name, id };
  };

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.close());

  it('drops the days that are older than they are kept, and no other', async () => {
    const before = await partitions('inbox');
    await makeOld('inbox', 31);
    const { name: young } = await makeOld('inbox', 30);
    expect(await dropOldPartitions(database.database, 'inbox', 30)).to.equal(1);
    expect(await partitions('inbox')).to.have.members([...before, young]);
  });

  it('keeps the messages of a day as long as one of them is not sent', async () => {
    const { name, id } = await makeOld('event_log', 50);
    await database.database.query({ text: 'insert into outbox (id, leased_until) values ($1, now())', values: [id] });
    expect(await dropOldPartitions(database.database, 'event_log', 30)).to.equal(0);
    await database.database.query({ text: 'delete from outbox' });
    expect(await dropOldPartitions(database.database, 'event_log', 30)).to.equal(1);
    expect(await partitions('event_log')).not.to.include(name);
  });
});
