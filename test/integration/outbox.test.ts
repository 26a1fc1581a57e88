import { expect } from 'chai';
import { v7 } from 'uuid';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { bigint, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { event, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { leaseUnsent, outboxBacklog, storeMessages } from '../../shared/postgres/outbox.js';
import { worker as relay } from '../../workers/relay/relay.worker.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Ticked = event('clock.ticked', 1, Type.Object({ n: Type.Integer() }));
type Ticked = Payload<typeof Ticked>;
const Ticks = keyedState('ticks', { key: { column: 'id', type: 'uuid' }, columns: { n: bigint() } });
type Tick = Value<typeof Ticks>;

@Actor({ name: 'listener', state: Ticks })
class ListenerActor {
  @Decide(Ticked)
  hear({ n }: Ticked, tick: State<Tick>, _outgoing: Outgoing): void {
    tick.set({ n });
  }
}

describe('the outbox and its relay', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[];

  const newFleet = (): TestFleet => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    fleets.push(fleet);
    return fleet;
  };
  const store = async (count: number, leaseMs = 0): Promise<string[]> => {
    const messages = Array.from({ length: count }, (_, n) =>
      newMessage(Ticked, { n }, { correlationId: v7(), causationId: null, producer: 'test', occurredAt: new Date() }),
    );
    await database.database.transaction((transaction) => storeMessages(transaction, messages, leaseMs));
    return messages.map(({ id }) => id);
  };
  const count = async (table: string): Promise<number> =>
    (await database.database.query<{ n: number }>({ text: `select count(*) as n from ${table}` })).rows[0]?.n ?? 0;
  // The relay asks nothing of the environment and resolves nothing.
  const startRelay = (fleet: TestFleet) => relay.start(fleet.parts, undefined as never, undefined as never);

  beforeEach(async () => {
    fleets = [];
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: 'create table ticks (id uuid primary key, n bigint not null, version bigint not null)',
    });
  });

  afterEach(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await database.close();
    await broker.close();
  });

  it('keeps every body with its message, whatever stands in it', async () => {
    const bodies = [
      '{"n":1,"text":"\\"],[\\\\"}',
      '{"n":2,"text":"{},[]"}',
      '{"n":3,"text":"\u2028 😀 ü"}',
      '{"n":4,"text":"NULL, \\n \\u0007"}',
    ];
    const messages = bodies.map((body) => ({
      ...newMessage(
        Ticked,
        { n: 0 },
        { correlationId: v7(), causationId: null, producer: 'test', occurredAt: new Date() },
      ),
      body,
    }));
    await database.database.transaction((transaction) => storeMessages(transaction, messages, 0));
    const { rows } = await database.database.query<{ id: string; payload: unknown }>({
      text: 'select id, payload from event_log order by id',
    });
    expect(rows).to.deep.equal(messages.map(({ id, body }) => ({ id, payload: JSON.parse(body) })));
  });

  it('sends what a process stored and did not live to send', async () => {
    const fleet = newFleet();
    await fleet.run([new ListenerActor()]);
    await store(1200);
    const running = startRelay(fleet);
    await until('all are handled', async () => (await count('ticks')) === 1200);
    await until('the outbox is empty', async () => (await count('outbox')) === 0);
    await running.stop(1000);
    expect(await count('event_log')).to.equal(1200);
  });

  it('leaves alone what its process still has time to send', async () => {
    await store(3, 60_000);
    const due = await store(2);
    const leased = await leaseUnsent(database.database, 10, 1000);
    expect(leased.map(({ id }) => id)).to.deep.equal(due);
  });

  it('is leased by one relay at a time, and again when the lease has run out', async () => {
    const ids = await store(20);
    const [first, second] = await Promise.all([
      leaseUnsent(database.database, 10, 200),
      leaseUnsent(database.database, 10, 200),
    ]);
    expect([...first, ...second].map(({ id }) => id).sort()).to.deep.equal(ids);
    const again = await until('the leases have run out', async () => {
      const leased = await leaseUnsent(database.database, 20, 200);
      return leased.length > 0 ? leased : undefined;
    });
    expect(again[0]?.attempts).to.equal(2);
  });

  it('goes on however often one message could not be sent', async () => {
    const [hopeless] = await store(1);
    await database.database.query({ text: 'update outbox set attempts = 5000 where id = $1', values: [hopeless] });
    const [next] = await store(1);
    const leased = await leaseUnsent(database.database, 10, 1000);
    expect(leased.map(({ id }) => id)).to.deep.equal([hopeless, next]);
  });

  it('keeps a message that no queue takes, and sends it once the topology is there', async () => {
    const fleet = newFleet();
    await fleet.connect();
    const message = newMessage(
      Ticked,
      { n: 7 },
      { correlationId: v7(), causationId: null, producer: 'test', occurredAt: new Date() },
    );
    await database.database.transaction((transaction) => storeMessages(transaction, [message], 60_000));
    // An exchange without a queue: the broker returns the message, and confirms it all the same.
    const other = newFleet();
    await other.run([new ListenerActor()]);
    await unbind();
    expect(await fleet.parts.dispatcher.send([message])).to.equal(0);
    await fleet.parts.dispatcher.flush();
    expect(await count('outbox')).to.equal(1);
    await newFleet().run([new ListenerActor()]);
    expect(await fleet.parts.dispatcher.send([message])).to.equal(1);
    await fleet.parts.dispatcher.flush();
    expect(await count('outbox')).to.equal(0);
    await until('it is handled', async () => (await count('ticks')) === 1);
  });

  it('drops nothing when the broker is away: what cannot be sent stays', async () => {
    const unreachable = new TestFleet({
      database: database.url,
      broker: 'amqp://127.0.0.1:1',
      redis: needed('REDIS_URL'),
    });
    fleets.push(unreachable);
    await unreachable.publish(Ticked, { n: 1 }, v7());
    await unreachable.parts.dispatcher.flush();
    expect(await count('outbox')).to.equal(1);
    const backlog = await until('it has an age', async () => {
      const measured = await outboxBacklog(database.database);
      return measured.oldestMs > 0 ? measured : undefined;
    });
    expect(backlog.depth).to.equal(1);
  });

  async function unbind(): Promise<void> {
    const { connect } = await import('amqplib');
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    await channel.unbindQueue('listener', 'clock.routes', 'clock.ticked');
    await connection.close();
  }
});
