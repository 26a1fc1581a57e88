import { connect } from 'amqplib';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { definitionOf } from '../../shared/actors/definition.js';
import { bigint, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { createLogger } from '../../shared/observability/log.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import { declareTopology, TopologyMismatch } from '../../shared/rabbitmq/declare.js';
import { Publisher } from '../../shared/rabbitmq/publisher.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { worker as deadLetters } from '../../workers/dead-letters/dead-letters.worker.js';
import { createBroker, manage, type TestBroker } from '../support/broker.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Rang = event('door.rang', 1, Type.Object({ n: Type.Integer() }));
type Rang = Payload<typeof Rang>;
const Rings = keyedState('rings', { key: { column: 'id', type: 'uuid' }, columns: { n: bigint() } });
type Ring = Value<typeof Rings>;

@Actor({ name: 'porter', state: Rings, maxAttempts: 1 })
class PorterActor {
  @Decide(Rang)
  open({ n }: Rang, ring: State<Ring>, _outgoing: Outgoing): void {
    if (n < 0) throw new Error('nobody is below the ground floor');
    ring.set({ n });
  }
}

/** AMQP 0-9-1 method frames of channel 0, as a broker sends them at an alarm and after it; the reason is "low on memory". */
const CONNECTION_BLOCKED = Buffer.from('01000000000012000a003c0d6c6f77206f6e206d656d6f7279ce', 'hex');
const CONNECTION_UNBLOCKED = Buffer.from('01000000000004000a003dce', 'hex');

interface ManagedConnection {
  readonly name: string;
  readonly vhost: string;
}

interface ManagedConsumer {
  readonly queue: { readonly vhost: string };
  readonly prefetch_count: number;
}

describe('the broker side on a real broker', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleet: TestFleet;

  const vhost = (): string => new URL(broker.url).pathname.slice(1);
  const count = async (): Promise<number> =>
    (await database.database.query<{ n: number }>({ text: 'select count(*) as n from rings' })).rows[0]?.n ?? 0;
  const ring = (n: number) => fleet.publish(Rang, { n }, v7());
  const onChannel = async (
    work: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createChannel']>>) => Promise<unknown>,
  ) => {
    const connection = await connect(broker.url);
    try {
      await work(await connection.createChannel());
    } finally {
      await connection.close();
    }
  };

  const publishAsWritten = async (body: string): Promise<void> => {
    const { username, password, origin } = new URL(needed('RABBITMQ_MANAGEMENT_URL'));
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const url = `${origin}/api/exchanges/${vhost()}/amq.default/publish`;
    expect(await (await fetch(url, { method: 'POST', headers, body })).json()).to.deep.equal({ routed: true });
  };

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    await database.database.query({
      text: 'create table rings (id uuid primary key, n bigint not null, version bigint not null)',
    });
    await fleet.run([new PorterActor()], { prefetch: 17 });
  });

  afterEach(async () => {
    await fleet.stop();
    await database.close();
    await broker.close();
  });

  it('reconnects when its connections are closed by force, with consumer and prefetch as before', async () => {
    const closed = await until('the broker lists the connections', async () => {
      const all = (await manage('GET', '/api/connections')) as ManagedConnection[];
      const ours = all.filter((connection) => connection.vhost === vhost());
      return ours.length >= 2 ? ours : undefined;
    });
    for (const { name } of closed) await manage('DELETE', `/api/connections/${encodeURIComponent(name)}`);
    await until('it lost the broker', () => !fleet.parts.consuming.connected || !fleet.parts.publisher.ready);
    await until('it is back', () => fleet.parts.consuming.connected && fleet.parts.publisher.ready);
    await ring(1);
    await until('a message is handled', async () => (await count()) === 1);
    const prefetches = await until('the broker lists the consumer', async () => {
      const consumers = (await manage('GET', `/api/consumers/${vhost()}`)) as ManagedConsumer[];
      return consumers.length === 1 ? consumers.map(({ prefetch_count }) => prefetch_count) : undefined;
    });
    expect(prefetches).to.deep.equal([17]);
  });

  it('tells a broker that takes no messages from one that is not there', async () => {
    const proxy = await CuttableProxy.start(broker.url, 5672);
    const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
    const publishing = new BrokerConnection([proxy.inFrontOf(broker.url)], 'test publishing', log);
    const publisher = new Publisher(publishing, log);
    try {
      publishing.open();
      await until('there is a channel', () => publisher.readiness() === true);
      proxy.say(CONNECTION_BLOCKED);
      await until('it knows of the alarm', () => publishing.blocked);
      expect(publisher.readiness()).to.match(/^connected, .* alarm$/);
      proxy.say(CONNECTION_UNBLOCKED);
      await until('it knows of the end of the alarm', () => publisher.ready);
      proxy.cut();
      await until('it knows that the broker is gone', () => !publisher.ready);
      expect(publisher.readiness()).to.equal('not connected');
    } finally {
      await publishing.close();
      await proxy.close();
    }
  });

  it('confirms all that several publish at once, however much more it is than may be unanswered', async () => {
    await onChannel((channel) => channel.assertQueue('heap', { durable: true }));
    const packet = {
      exchange: '',
      routingKey: 'heap',
      content: Buffer.from('{}'),
      messageId: undefined,
      correlationId: undefined,
      type: undefined,
      headers: {},
    };
    const packets = new Array<typeof packet>(3000).fill(packet);
    const published = Array.from({ length: 6 }, () => fleet.parts.publisher.publish(packets));
    const outcomes = (await Promise.all(published)).flat();
    expect(outcomes).to.have.length(18_000);
    expect(new Set(outcomes)).to.deep.equal(new Set(['confirmed']));
  });

  it('subscribes again when its queue was deleted and is declared anew', async () => {
    await onChannel((channel) => channel.deleteQueue('porter'));
    await until('it knows', () => !fleet.subscribed);
    const definition = definitionOf(PorterActor);
    if (definition === undefined) throw new TypeError('not an actor');
    await declareTopology([broker.url], topologyOf([definition]));
    await ring(2);
    await until('a message is handled', async () => (await count()) === 1);
  });

  it('leaves a queue that exists with other arguments as it is, naming it and the remedy, and declares all else', async () => {
    const other = await createBroker();
    try {
      const connection = await connect(other.url);
      const channel = await connection.createChannel();
      await channel.assertQueue('porter', { durable: true });
      channel.sendToQueue('porter', Buffer.from('mine'));
      const definition = definitionOf(PorterActor);
      if (definition === undefined) throw new TypeError('not an actor');
      const failure = await declareTopology([other.url], topologyOf([definition])).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(TopologyMismatch);
      expect((failure as Error).message)
        .to.include('queue porter')
        .and.to.include('warren topology apply');
      expect((await channel.checkQueue('porter')).messageCount).to.equal(1);
      await channel.checkQueue('dead-letters');
      await connection.close();
    } finally {
      await other.close();
    }
  });

  it('files dead letters of both roads in PostgreSQL, each once, with what is known of them', async () => {
    const running = deadLetters.start(fleet.parts, undefined as never, undefined as never);
    const failed = await ring(-1);
    const byRuntime = await letter(failed.id);
    expect(byRuntime).to.deep.include({
      actor: 'porter',
      road: 'runtime',
      type: 'door.rang',
      correlation_id: failed.correlationId,
      body: '{"n":-1}',
      error_code: 'unexpected.Error',
      error_message: 'nobody is below the ground floor',
      attempts: 1,
      release: 'test',
      status: 'open',
      occurrences: 1,
    });
    expect(byRuntime?.stack).to.include('PorterActor.open');
    await fleet.send({
      exchange: 'door',
      routingKey: 'door.rang',
      content: Buffer.from([0xff, 0x00, 0x7b]),
      messageId: undefined,
      correlationId: undefined,
      type: undefined,
      headers: {
        'odd\u0000': 'nul \u0000 and \ud800',
        // Read, it is a table whose prototype is bytes.
        table: Object.fromEntries([['__proto__', Buffer.of(1)]]),
      },
    });
    const poison = await until('the poison is filed', async () => {
      const { rows } = await database.database.query<Letter>({
        text: "select * from dead_letters where error_code = 'message.no-id'",
      });
      return rows[0];
    });
    expect(poison.body).to.equal('base64:/wB7');
    await running.stop(1000);
  });

  it('refuses a message whose headers nobody can read, and no other on its connection', async () => {
    const running = deadLetters.start(fleet.parts, undefined as never, undefined as never);
    let lost = 0;
    fleet.parts.consuming.listen({ connected: () => undefined, disconnected: () => lost++ });
    const depths = [10, 100, 3000, 20_000];
    // As text: neither JSON nor amqplib writes so many levels.
    for (const depth of depths) {
      const headers = `{"${depth}":${'['.repeat(depth)}${']'.repeat(depth)},"warren-schema-version":1}`;
      const properties = `{"message_id":"${v7()}","correlation_id":"${v7()}","type":"door.rang","headers":${headers}}`;
      await publishAsWritten(
        `{"routing_key":"porter","payload":"{\\"n\\":1}","payload_encoding":"string","properties":${properties}}`,
      );
    }
    await ring(2);
    await until('the rest is handled', async () => (await count()) === 2);
    const filed = await until('the others are filed', async () => {
      const { rows } = await database.database.query<{ code: string }>({
        text: 'select error_code as code from dead_letters',
      });
      return rows.length === depths.length - 1 && rows;
    });
    expect(new Set(filed.map(({ code }) => code))).to.deep.equal(new Set(['message.unreadable-headers']));
    expect(lost).to.equal(0);
    await running.stop(1000);
  });

  it('lets the broker dead-letter what is delivered too often, and files that as well', async () => {
    await fleet.stop();
    fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    await fleet.connect();
    const message = await ring(3);
    await onChannel(async (channel) => {
      // As a worker does that dies at this message each time.
      const ended = until('the delivery limit', async () => {
        const delivery = await channel.get('porter');
        if (delivery === false) return (await channel.checkQueue('dead-letters')).messageCount === 1;
        channel.reject(delivery, true); // from RabbitMQ 4.3 on a nack no longer counts
        return false;
      });
      await ended;
    });
    fleet.parts.consuming.open();
    const running = deadLetters.start(fleet.parts, undefined as never, undefined as never);
    expect(await letter(message.id)).to.deep.include({
      actor: 'porter',
      road: 'broker',
      type: 'door.rang',
      error_code: 'broker.delivery-limit',
      body: '{"n":3}',
    });
    await running.stop(1000);
  });

  interface Letter {
    readonly body: string;
    readonly stack: string | null;
  }

  const letter = (messageId: string): Promise<Letter> =>
    until('the dead letter is filed', async () => {
      const { rows } = await database.database.query<Letter>({
        text: 'select * from dead_letters where message_id = $1',
        values: [messageId],
      });
      return rows[0];
    });
});
