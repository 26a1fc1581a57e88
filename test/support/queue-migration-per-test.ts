/** A door whose porter's queue is declared, declared otherwise and migrated, at a real broker. */
import 'reflect-metadata';
import { v7 } from 'uuid';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { keyedState, type State, text, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { event, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { pauseQueue, resumeQueue } from '../../shared/postgres/queue-settings.js';
import { redrivesUnderWay } from '../../shared/postgres/redrives.js';
import { planTopology } from '../../shared/rabbitmq/live-topology.js';
import { Management } from '../../shared/rabbitmq/management.js';
import type { QueueHold } from '../../shared/rabbitmq/migrate-queue.js';
import { lookAtQueue, onChannel, withConnection } from '../../shared/rabbitmq/own-connection.js';
import { type Topology, topologyOf } from '../../shared/rabbitmq/topology.js';
import { applyTopology } from '../../shared/rabbitmq/topology-apply.js';
import { createBroker, type TestBroker } from './broker.js';
import { createDatabase, type TestDatabase } from './database.js';
import { declaredActor } from './declared-actor.js';
import { TestFleet } from './fleet.js';
import { needed } from './needed.js';

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

export const ADA = { by: 'Ada', reason: 'the door is being painted' };

/** To be called in `describe`; each test has a database and a broker of its own. */
export function queueMigrationPerTest() {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleet: TestFleet | undefined;

  const declared = (): Topology => topologyOf([declaredActor(new PorterActor()).definition]);
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

  return {
    get database() {
      return database.database;
    },
    get url() {
      return broker.url;
    },
    declared,
    changed,
    view,
    hold,
    apply,
    kinds,
    asAdmin,
    ready,
    message,
    handled,
    run,
  };
}
