import 'reflect-metadata';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { definitionOf } from '../../shared/actors/definition.js';
import { keyedState, type State, text, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { Provider } from '../../shared/providers/provider.js';
import { ProviderIll } from '../../shared/providers/provider-ill.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { onChannel, withConnection } from '../../shared/rabbitmq/own-connection.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Named = Type.Object({ name: Type.String() });
const Call = command('caller.call', 1, Named);
const Write = command('writer.write', 1, Named);
const Names = keyedState('names', { key: { column: 'id', type: 'text' }, columns: { by: text() } });
type Name = Value<typeof Names>;

@Actor({ name: 'caller', state: Names, concurrency: 5 })
class CallerActor {
  readonly provider = new Provider({ name: 'callee', failures: 1, openMs: 60_000 });
  readonly #well: boolean;

  constructor(well: boolean) {
    this.#well = well;
  }

  @Effect(Call, { keys: ({ name }) => name })
  async call(_call: Payload<typeof Call>, _name: State<Name>, _outgoing: EffectOutgoing): Promise<void> {
    await this.provider.ask(async () => {
      if (!this.#well) throw new ProviderIll('callee.unavailable', 'nobody answers');
    });
  }
}

@Actor({ name: 'writer', state: Names })
class WriterActor {
  @Decide(Write, { keys: ({ name }) => name })
  write(_write: Payload<typeof Write>, name: State<Name>, { message }: Outgoing): void {
    name.set({ by: message.id });
  }
}

describe('a message that is to be handled alone', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[];

  beforeEach(async () => {
    fleets = [];
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: 'create table names (id text primary key, by text not null, version bigint not null)',
    });
  });
  afterEach(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await database.close();
    await broker.close();
  });

  const newFleet = (): TestFleet => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    fleets.push(fleet);
    return fleet;
  };
  const message = (contract: typeof Call | typeof Write): Message => {
    const name = v7();
    const about = { correlationId: name, causationId: null, producer: 'test', occurredAt: new Date() };
    return newMessage(contract, { name }, about);
  };
  const handledBy = async (actor: string): Promise<number> =>
    (await database.database.query({ text: 'select from inbox where actor = $1', values: [actor] })).rowCount;
  const definitions = [CallerActor, WriterActor].flatMap((actor) => definitionOf(actor) ?? []);

  it('does not wait for effects whose provider is ill, and they lose nothing by it', async () => {
    await declareTopology([broker.url], topologyOf(definitions));
    const fleet = newFleet();
    await fleet.connect();
    const suspect = message(Write);
    const calls = Array.from({ length: 20 }, () => message(Call));
    await fleet.send(suspect, ...calls);
    await database.database.query({
      text: `insert into crash_marks (actor, message_id, holder, seen_at) values ('writer', $1, $2, now() - interval '1 minute')`,
      values: [suspect.id, v7()],
    });
    const caller = new CallerActor(false);
    await withConnection([broker.url], (connection) =>
      onChannel(connection, async (channel) => {
        expect(await channel.get('writer')).to.have.nested.property('properties.messageId', suspect.id);
        await fleet.run([caller, new WriterActor()], {}, [caller.provider]);
        await until('the provider is left alone', () => caller.provider.circuit === 'open');
        // With the end of the channel it is delivered for the second time.
      }),
    );
    await until('it is handled alone', async () => (await handledBy('writer')) === 1);
    expect(caller.provider.circuit).to.equal('open');
    expect(await handledBy('caller')).to.equal(0);
    await fleet.stop();
    fleets = [];
    const well = new CallerActor(true);
    await newFleet().run([well, new WriterActor()], {}, [well.provider]);
    await until('all are handled', async () => (await handledBy('caller')) === calls.length);
  });
});
