import 'reflect-metadata';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { Actor, Effect } from '../../shared/actors/decorators.js';
import { keyedState, type State, text, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing } from '../../shared/actors/outgoing.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { Provider } from '../../shared/providers/provider.js';
import { ProviderIll } from '../../shared/providers/provider-ill.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Call = command('caller.call', 1, Type.Object({ name: Type.String() }));
type Call = Payload<typeof Call>;
const Calls = keyedState('calls', { key: { column: 'id', type: 'text' }, columns: { attempts: text() } });
type CallState = Value<typeof Calls>;

@Actor({ name: 'caller', state: Calls, concurrency: 5 })
class CallerActor {
  readonly provider: Provider;
  well = true;
  tries = 0;

  constructor(openMs: number) {
    this.provider = new Provider({ name: 'callee', failures: 3, openMs });
  }

  @Effect(Call, { keys: ({ name }) => name })
  async call(_call: Call, call: State<CallState>, { message }: EffectOutgoing): Promise<void> {
    await this.provider.ask(async () => {
      this.tries += 1;
      if (!this.well) throw new ProviderIll('callee.unavailable', 'nobody answers');
    });
    call.set({ attempts: String(message.attempt) });
  }
}

describe('an actor whose provider is ill, on real servers', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[] = [];

  const run = async (caller: CallerActor, giveBackEveryMs = 60_000): Promise<TestFleet> => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    fleets.push(fleet);
    await fleet.run([caller], { giveBackEveryMs }, [caller.provider]);
    return fleet;
  };
  const calls = (count: number) =>
    Array.from({ length: count }, () => {
      const id = v7();
      const about = { correlationId: id, causationId: null, producer: 'test', occurredAt: new Date() };
      return newMessage(Call, { name: id }, about);
    });
  /** How many were committed, by the attempt that was. */
  const attempts = async (): Promise<Record<string, number>> => {
    const { rows } = await database.database.query<{ attempts: string; n: number }>({
      text: 'select attempts, count(*)::integer as n from calls group by 1',
    });
    return Object.fromEntries(rows.map(({ attempts, n }) => [attempts, n]));
  };
  /** Two failures at most came before the circuit opened. */
  const expectAttemptsKept = async (count: number): Promise<void> => {
    const { 1: first = 0, 2: second = 0 } = await attempts();
    expect(first + second).to.equal(count);
    expect(second).to.be.at.most(2);
  };
  const committed = async (): Promise<number> => Object.values(await attempts()).reduce((sum, n) => sum + n, 0);

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: 'create table calls (id text primary key, attempts text not null, version bigint not null)',
    });
  });
  afterEach(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    fleets = [];
    await database.close();
    await broker.close();
  });

  it('tries it with one message at a time, costs none an attempt, and handles all when it is well', async () => {
    const caller = new CallerActor(20);
    caller.well = false;
    const fleet = await run(caller);
    await fleet.send(...calls(40));
    await until('it was tried for a while', () => caller.tries >= 30);
    expect(await committed()).to.equal(0);
    caller.well = true;
    await until('all are handled', async () => (await committed()) === 40);
    await expectAttemptsKept(40);
  });

  it('leaves what it holds to another process whose provider is well, as new', async () => {
    const cutOff = new CallerActor(60_000);
    cutOff.well = false;
    const fleet = await run(cutOff, 200);
    const messages = calls(30);
    await fleet.send(...messages);
    await until('it is left alone', () => cutOff.provider.circuit === 'open');
    const before = cutOff.tries;
    await run(new CallerActor(60_000));
    await until('all are handled', async () => (await committed()) === 30);
    await expectAttemptsKept(30);
    expect(cutOff.tries).to.equal(before);
  });

  it('gives back more often than the broker would stand requeues, and loses nothing by it', async () => {
    const caller = new CallerActor(60_000);
    caller.well = false;
    const fleet = await run(caller, 10);
    await fleet.send(...calls(6));
    await until('it is left alone', () => caller.provider.circuit === 'open');
    const stirred = fleet.parts.publisher.publish.bind(fleet.parts.publisher);
    let givenBack = 0;
    const roads = new Set<string>();
    fleet.parts.publisher.publish = (packets) => {
      givenBack += packets.length;
      for (const { exchange, routingKey } of packets) roads.add(`${exchange} ${routingKey}`);
      return stirred(packets);
    };
    // The queue's delivery limit is 50.
    await until('each was given back 60 times', () => givenBack >= 6 * 60, 20_000);
    expect([...roads], 'where a user of its own may publish').to.deep.equal(['caller caller']);
    await fleet.stop();
    fleets = [];
    await run(new CallerActor(60_000));
    await until('all are handled', async () => (await committed()) === 6);
  });

  it('stops at once while its provider is left alone, and the next process handles what it held', async () => {
    const caller = new CallerActor(60_000);
    caller.well = false;
    const fleet = await run(caller);
    await fleet.send(...calls(10));
    await until('it is left alone', () => caller.provider.circuit === 'open');
    const told = performance.now();
    await fleet.stop();
    expect(performance.now() - told).to.be.below(3_000);
    fleets = [];
    await run(new CallerActor(60_000));
    await until('all are handled', async () => (await committed()) === 10);
  });
});
