import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import Type from 'typebox';
import { v7 } from 'uuid';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { definitionOf } from '../../shared/actors/definition.js';
import { keyedState, type State, text, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { event, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import { pauseQueue, queueSettings, resumeQueue } from '../../shared/postgres/queue-settings.js';
import { redrivesUnderWay } from '../../shared/postgres/redrives.js';
import { planTopology } from '../../shared/rabbitmq/live-topology.js';
import { Management } from '../../shared/rabbitmq/management.js';
import type { QueueHold } from '../../shared/rabbitmq/migrate-queue.js';
import { lookAtQueue, onChannel, withConnection } from '../../shared/rabbitmq/own-connection.js';
import { type Topology, topologyOf } from '../../shared/rabbitmq/topology.js';
import { applyTopology } from '../../shared/rabbitmq/topology-apply.js';
import { lockTopology } from '../../shared/rabbitmq/topology-lock.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Rang = event('door.rang', 1, Type.Object({ name: Type.String() }));
type Rang = Payload<typeof Rang>;
const Rings = keyedState('rings', { key: { column: 'id', type: 'text' }, columns: { attempt: text() } });
type Ring = Value<typeof Rings>;

@Actor({ name: 'porter', state: Rings, prefetch: 20 })
class PorterActor {
  @Decide(Rang, { keys: ({ name }) => name })
  open(_rang: Rang, ring: State<Ring>, { message }: Outgoing): void {
    ring.set({ attempt: String(message.attempt) });
  }
}

const PUBLISH_EVERY_MS = 20;
const ADA = { by: 'Ada', reason: 'the door is being painted' };

describe('the topology at a real broker', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let broker: TestBroker;
  let fleet: TestFleet | undefined;

  const declared = (): Topology => {
    const definition = definitionOf(PorterActor);
    if (definition === undefined) throw new TypeError('not an actor');
    return topologyOf([definition]);
  };
  /** As a later release may declare it. */
  const changed = (): Topology => {
    const { queues, ...rest } = declared();
    const other = queues.map((queue) =>
      queue.name === 'porter' ? { ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': 30 } } : queue,
    );
    return { ...rest, queues: other };
  };
  const view = () => ({ url: broker.url, management: new Management(needed('RABBITMQ_MANAGEMENT_URL')) });
  const hold: QueueHold = {
    hold: async (queue) => {
      if (queue !== 'porter') return false;
      await database.database.transaction((transaction) => pauseQueue(transaction, queue, ADA));
      return true;
    },
    release: async (queue) => {
      await database.database.transaction((transaction) => resumeQueue(transaction, queue));
    },
    addressed: (queue) => redrivesUnderWay(database.database, queue),
  };
  const apply = (topology: Topology, onStep: (says: string) => void = () => undefined, url = broker.url) =>
    applyTopology({
      ...{ urls: [url], declared: topology, view: view(), hold, onStep },
      untilMs: Date.now() + 60_000,
    });
  const kinds = async (topology: Topology, management = true): Promise<string[]> =>
    withConnection([broker.url], async (connection) => {
      const look = management ? view() : { ...view(), management: undefined };
      return (await planTopology(connection, topology, look)).differences.map(({ kind }) => kind);
    });
  const asAdmin = <T>(work: Parameters<typeof onChannel<T>>[1]): Promise<T> =>
    withConnection([broker.url], (connection) => onChannel(connection, work));
  const ready = (queue: string): Promise<number> =>
    withConnection([broker.url], async (connection) => (await lookAtQueue(connection, queue))?.ready ?? 0);
  const message = () => {
    const id = v7();
    const about = { correlationId: id, causationId: null, producer: 'test', occurredAt: new Date() };
    return newMessage(Rang, { name: id }, about);
  };
  const handled = async (): Promise<number> =>
    (await database.database.query<{ n: number }>({ text: 'select count(*)::integer as n from rings' })).rows[0]?.n ??
    0;
  const run = async (): Promise<TestFleet> => {
    fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    await fleet.run([new PorterActor()], { held: true });
    return fleet;
  };

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: 'create table rings (id text primary key, attempt text not null, version bigint not null)',
    });
  });
  afterEach(async () => {
    await fleet?.stop();
    fleet = undefined;
    await database.close();
    await broker.close();
  });

  it('is told from what is declared, and becomes it: what is missing, and what there is no use for', async () => {
    const empty = await kinds(declared());
    expect([...new Set(empty)]).to.have.members([
      ...['exchange-missing', 'queue-missing', 'binding-missing', 'exchange-binding-missing'],
    ]);
    expect((await apply(declared())).differences).to.deep.equal([]);
    const abandoned = { 'x-dead-letter-exchange': 'dead-letters', 'x-queue-type': 'quorum' };
    await asAdmin(async (channel) => {
      for (const name of ['ghost', 'keeper']) {
        const given = { ...abandoned, 'x-dead-letter-routing-key': name };
        await channel.assertQueue(name, { durable: true, arguments: given });
        await channel.bindQueue(name, 'door.routes', 'door.rang');
      }
      await channel.assertQueue('somebody-elses', { durable: true });
      await channel.bindQueue('porter', 'door.routes', 'door.shut');
      await channel.unbindQueue('porter', 'door.routes', 'door.rang');
      channel.sendToQueue('keeper', Buffer.from('mine'));
    });
    expect(await kinds(declared())).to.have.members([
      ...['queue-superfluous', 'queue-superfluous', 'binding-missing'],
      ...['binding-superfluous', 'binding-superfluous', 'binding-superfluous'],
    ]);
    const applied = await apply(declared());
    expect(applied.differences.map(({ says }) => says)).to.deep.equal([
      'the queue keeper is of an actor that there is no more',
    ]);
    expect(applied.refused).to.have.length(1);
    expect(applied.refused[0]).to.include('1 messages are in it');
    await asAdmin(async (channel) => {
      expect((await channel.checkQueue('keeper')).messageCount).to.equal(1);
      await channel.checkQueue('somebody-elses');
    });
  });

  it('says without a management API what it can, and what it cannot, and migrates nothing', async () => {
    await apply(declared());
    await asAdmin((channel) => channel.deleteQueue('unheard'));
    expect(await kinds(changed(), false)).to.deep.equal(['queue-differs', 'queue-missing']);
    const options = { urls: [broker.url], declared: changed(), hold, untilMs: Date.now() + 60_000 };
    const applied = await applyTopology({ ...options, view: { url: broker.url, management: undefined } });
    expect(applied.differences.map(({ kind }) => kind)).to.deep.equal(['queue-differs']);
    expect(applied.refused.join()).to.include('RABBITMQ_MANAGEMENT_URL');
    expect(applied.unseen.join()).to.include('bindings');
  });

  it('is left to the next call when the time is over, queue by queue', async () => {
    await apply(declared());
    const over = { urls: [broker.url], declared: changed(), view: view(), hold, untilMs: Date.now() };
    const applied = await applyTopology(over);
    expect(applied.waits).to.deep.equal(['the turn of porter']);
    expect(applied.differences.map(({ kind }) => kind)).to.deep.equal(['queue-differs']);
  });

  it('is changed by one at a time', async () => {
    await withConnection([broker.url], async (connection) => {
      await lockTopology(connection, 0);
      const failure = await apply(declared()).catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'topology.busy');
    });
    expect((await apply(declared())).differences).to.deep.equal([]);
  });

  it('is not changed under a consumer that cannot be held', async () => {
    await apply(declared());
    const topology = declared();
    const queues = topology.queues.map((queue) =>
      queue.name === 'dead-letters' ? { ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': 30 } } : queue,
    );
    await withConnection([broker.url], async (connection) => {
      const channel = await connection.createChannel();
      await channel.consume('dead-letters', () => undefined);
      const applied = await apply({ ...topology, queues });
      expect(applied.refused.join()).to.include('stop the worker dead-letters');
      expect((await channel.checkQueue('dead-letters')).consumerCount).to.equal(1);
    });
    expect((await apply({ ...topology, queues })).differences).to.deep.equal([]);
  });

  it('gets a queue anew without loss under a fleet at work, whoever dies at whichever step', async () => {
    const { send } = await run().then((running) => ({ send: running.send.bind(running) }));
    let sent = 0;
    let publishing = true;
    const publish = (async () => {
      while (publishing) {
        await send(...Array.from({ length: 5 }, message));
        sent += 5;
        // As fast as it can, it would pile up more than is handled in the time that the test has.
        await pause(PUBLISH_EVERY_MS);
      }
    })();
    try {
      for (const at of [
        'holds',
        'leads',
        'moves',
        'deletes porter',
        'declares',
        'lets',
        'moves',
        'deletes porter.mig',
      ]) {
        const before = sent;
        const killed = await apply(changed(), (says) => {
          if (says.startsWith(at)) throw new Error(`killed before it ${says}`);
        }).catch((error: unknown) => String(error));
        expect(killed, `${at}: ${JSON.stringify(killed)}`).to.include('killed before');
        await until('publishers go on', () => sent > before);
      }
      const applied = await apply(changed());
      expect([applied.waits, applied.refused, applied.differences]).to.deep.equal([[], [], []]);
    } finally {
      publishing = false;
      await publish;
    }
    await until('all are handled', async () => (await handled()) === sent, 60_000);
    expect(await kinds(changed())).to.deep.equal([]);
    expect((await queueSettings(database.database, ['porter'])).get('porter')?.paused).to.equal(null);
    const { rows } = await database.database.query<{ n: number }>({
      text: 'select count(*)::integer as n from dead_letters',
    });
    expect(rows[0]?.n).to.equal(0);
  });

  it('keeps what is on its way from one queue to the other when the connection breaks', async () => {
    const running = await run();
    const proxy = await CuttableProxy.start(broker.url, 5672);
    try {
      await database.database.transaction((transaction) => pauseQueue(transaction, 'porter', ADA));
      await until('it is paused', () => !running.subscribed);
      const count = 3000;
      for (let sent = 0; sent < count; sent += 500) await running.send(...Array.from({ length: 500 }, message));
      const cut = apply(changed(), undefined, proxy.inFrontOf(broker.url)).catch((error: unknown) => error);
      await until('some are moved', async () => {
        const there = await ready('porter.migrating');
        return there > 0 && there < count;
      });
      proxy.cut();
      expect(await cut).to.be.instanceOf(Error);
      expect((await apply(changed())).differences).to.deep.equal([]);
      await until('all are handled', async () => (await handled()) === count, 60_000);
    } finally {
      await proxy.close();
    }
  });
});
