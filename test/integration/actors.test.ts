import 'reflect-metadata';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { PermanentError, TransientError } from '../../shared/actors/errors.js';
import { bigint, keyedState, ledger, type State, type States, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import { encode } from '../../shared/messaging/wire.js';
import { toActor } from '../../shared/rabbitmq/topology.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Deposit = command('bank.deposit', 1, Type.Object({ account: Type.String(), amount: Type.Integer() }));
type Deposit = Payload<typeof Deposit>;
const Deposited = event('bank.deposited', 1, Type.Object({ account: Type.String(), balance: Type.Integer() }));
type Deposited = Payload<typeof Deposited>;
const Notify = command('teller.notify', 1, Type.Object({ account: Type.String(), how: Type.String() }));
type Notify = Payload<typeof Notify>;

const Accounts = keyedState('accounts', { key: { column: 'id', type: 'text' }, columns: { balance: bigint() } });
type Account = Value<typeof Accounts>;
const Notices = keyedState('told', { key: { column: 'id', type: 'text' }, columns: { count: bigint() } });
type Notice = Value<typeof Notices>;
const Entries = ledger('entries', { amount: bigint() });

@Actor({ name: 'bank', state: Accounts, maxAttempts: 2 })
class BankActor {
  @Decide(Deposit, { keys: ({ account }) => [account] })
  deposit({ account, amount }: Deposit, accounts: States<Account>, { publish, append }: Outgoing): void {
    const state = accounts.get(account);
    const balance = (state.value?.balance ?? 0) + amount;
    state.set({ balance });
    append(Entries, { amount });
    publish(Deposited, { account, balance });
    if (amount === 13) throw new PermanentError('bank.unlucky', 'thirteen is not taken');
    if (amount === 14) throw new Error('nobody knows why');
  }
}

/** Waits a second for more, though of one message at a time nothing more can come. */
@Actor({ name: 'bank', state: Accounts, prefetch: 1, lingerMs: 1000, alwaysLingers: true })
class PatientBankActor extends BankActor {
  @Decide(Deposit, { keys: ({ account }) => [account] })
  override deposit(deposit: Deposit, accounts: States<Account>, outgoing: Outgoing): void {
    super.deposit(deposit, accounts, outgoing);
  }
}

@Actor({ name: 'teller', state: Notices, concurrency: 10, effectTimeoutMs: 500 })
class TellerActor {
  readonly calls: string[] = [];
  busy = 0;
  busiest = 0;
  /** Runs inside an effect, before it returns. */
  meanwhile: () => Promise<void> = async () => undefined;

  @Decide(Deposited, { keys: ({ account }) => account })
  count(_deposited: Deposited, notice: State<Notice>, _outgoing: Outgoing): void {
    notice.set({ count: (notice.value?.count ?? 0) + 1 });
  }

  @Effect(Notify, { keys: ({ account }) => account })
  async notify({ how }: Notify, notice: State<Notice>, { idempotencyKey, signal }: EffectOutgoing): Promise<void> {
    this.calls.push(idempotencyKey);
    this.busy += 1;
    this.busiest = Math.max(this.busiest, this.busy);
    const before = notice.value?.count ?? 0;
    try {
      if (how === 'hang')
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      if (how === 'fail' && this.calls.length === 1) throw new TransientError('teller.away', 'nobody is there');
      await this.meanwhile();
    } finally {
      this.busy -= 1;
    }
    notice.set({ count: before + 100 });
  }
}

describe('the actor runtime on real servers', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[] = [];
  let teller: TellerActor;

  const newFleet = (redis = needed('REDIS_URL')): TestFleet => {
    const fleet = new TestFleet({ database: database.url, broker: broker.url, redis });
    fleets.push(fleet);
    return fleet;
  };
  const one = async <R extends object>(text: string, ...values: unknown[]): Promise<R | undefined> =>
    (await database.database.query<R>({ text, values })).rows[0];
  const balance = async (account: string): Promise<number | undefined> =>
    (await one<{ balance: number }>('select balance from accounts where id = $1', account))?.balance;
  const notices = async (account: string): Promise<number | undefined> =>
    (await one<{ count: number }>('select count from told where id = $1', account))?.count;
  const count = async (table: string, where = 'true'): Promise<number> =>
    (await one<{ n: number }>(`select count(*) as n from ${table} where ${where}`))?.n ?? 0;
  const deposit = (account: string, amount: number, id = v7()) =>
    newMessage(
      Deposit,
      { account, amount },
      { correlationId: id, causationId: null, producer: 'test', occurredAt: new Date() },
    );

  beforeEach(async () => {
    database = await createDatabase();
    broker = await createBroker();
    teller = new TellerActor();
    await database.database.query({
      text: `create table accounts (id text primary key, balance bigint not null, version bigint not null);
             create table told (id text primary key, count bigint not null, version bigint not null);
             create table entries (id uuid primary key, amount bigint not null check (amount <> 15))`,
    });
  });

  afterEach(async () => {
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    fleets = [];
    await database.close();
    await broker.close();
  });

  it('carries a message from the outbox through a decision to the next actor, and empties the outbox', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor(), teller]);
    const sent = await fleet.publish(Deposit, { account: 'ada', amount: 5 }, v7());
    await until('the teller has counted', async () => (await notices('ada')) === 1);
    expect(await balance('ada')).to.equal(5);
    const deposited = await one<{ causation_id: string; correlation_id: string; payload: unknown }>(
      "select * from event_log where type = 'bank.deposited'",
    );
    expect(deposited?.causation_id).to.equal(sent.id);
    expect(deposited?.correlation_id).to.equal(sent.correlationId);
    expect(deposited?.payload).to.deep.equal({ account: 'ada', balance: 5 });
    await until('the outbox is empty', async () => (await count('outbox')) === 0);
  });

  it('handles a message once however often it is delivered, with and without Redis', async () => {
    for (const redis of [needed('REDIS_URL'), 'redis://127.0.0.1:1']) {
      const account = `twice with ${redis === 'redis://127.0.0.1:1' ? 'no Redis' : 'Redis'}`;
      const fleet = newFleet(redis);
      await fleet.run([new BankActor(), new TellerActor()]);
      const message = deposit(account, 1);
      const other = deposit(account, 10);
      await fleet.send(message, message, other, message);
      await until('both are handled', async () => (await balance(account)) === 11);
      await fleet.send(message, other);
      const last = deposit(account, 100);
      await fleet.send(last);
      await until('the last is handled', async () => (await balance(account)) === 111);
      expect(await count('entries')).to.equal(await count('inbox', "actor = 'bank'"));
      await fleet.stop();
      fleets = fleets.filter((running) => running !== fleet);
    }
  });

  it('tells Redis again that an effect was performed when Redis has forgotten it', async () => {
    const fleet = newFleet();
    await fleet.run([teller]);
    const message = notify('forgotten');
    const isMarked = async () => (await fleet.parts.cache.admit('teller', [message.id], 1)).handled.has(message.id);
    await fleet.send(message);
    await until('it is marked', isMarked);
    const redis = new Redis(needed('REDIS_URL'));
    await redis.del(`warren:message:teller:${message.id}`);
    redis.disconnect();
    await fleet.send(message);
    // Or another process with a further copy would wait for this one's claim to lapse.
    await until('it is marked again', isMarked);
    expect(await notices('forgotten')).to.equal(100);
  });

  it('never loses an update when two processes handle one key', async () => {
    const [first, second] = [newFleet(), newFleet()];
    await first.run([new BankActor()], { prefetch: 5 });
    await second.run([new BankActor()], { prefetch: 5 });
    await first.send(...Array.from({ length: 200 }, () => deposit('shared', 1)));
    await until('all are handled', async () => (await balance('shared')) === 200);
    expect(await count('entries')).to.equal(200);
  });

  it('commits the good messages of a batch with a bad one: a decision that throws harms only itself', async () => {
    const fleet = newFleet();
    await fleet.connect();
    await fleet.run([new BankActor()]);
    await fleet.send(deposit('a', 1), deposit('b', 13), deposit('c', 2), deposit('b', 3));
    await until('the good ones are handled', async () => (await balance('c')) === 2 && (await balance('b')) === 3);
    expect(await balance('a')).to.equal(1);
    expect(await count('event_log')).to.equal(3);
    expect(await count('inbox')).to.equal(3);
  });

  it('waits for no more messages than its prefetch lets through', async () => {
    const fleet = newFleet();
    await fleet.run([new PatientBankActor(), teller]);
    await fleet.send(...Array.from({ length: 20 }, () => deposit('one at a time', 1)));
    await until('all are handled in half the time', async () => (await balance('one at a time')) === 20, 10_000);
  });

  it('splits a batch when a statement fails, down to the one message that is at fault', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor()]);
    // The table refuses fifteen.
    await fleet.send(...[1, 2, 15, 3, 4].map((amount) => deposit(`s${amount}`, amount)));
    await until('the good ones are handled', async () => (await count('accounts')) === 4);
    expect(await balance('s15')).to.equal(undefined);
    expect(await count('entries')).to.equal(4);
  });

  it('retries an unexpected error up the ladder, and dead-letters it with its error after the last attempt', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor()]);
    const message = deposit('d', 14);
    await fleet.send(message);
    const letter = await deadLetterOn(fleet);
    expect(letter.messageId).to.equal(message.id);
    expect(letter.headers).to.include({
      'warren-error-code': 'unexpected.Error',
      'warren-attempt': 2,
      'warren-actor': 'bank',
    });
    expect(letter.headers['warren-error-message']).to.equal('nobody knows why');
  });

  it('sends what it retries to its own queue and no other, whatever headers it came with', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor(), teller]);
    const good = encode(deposit('f', 14));
    // A table that has the name by which amqplib marks its types cannot be sent on; those named in CC get copies.
    const headers = { ...good.headers, 'warren-made-up': { '!': 'object', value: { '!': 'no type' } }, CC: ['teller'] };
    await fleet.send({ ...good, headers });
    await deadLetterOn(fleet);
    expect(await count('dead_letters', "actor = 'bank' and attempts = 2")).to.equal(1);
    await fleet.send({ ...good, exchange: 'teller', routingKey: 'teller', messageId: v7(), headers: good.headers });
    await deadLetterOn(fleet);
    expect(await count('dead_letters', "actor = 'teller'")).to.equal(1);
  });

  it('dead-letters poison at once: not JSON, the wrong shape, no id, another name than its own, an unknown type', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor()]);
    const good = encode(deposit('e', 1));
    const letters: string[] = [];
    for (const bad of [
      { ...good, messageId: v7(), content: Buffer.from('{"account":') },
      { ...good, messageId: v7(), content: Buffer.from('{"account":7}') },
      { ...good, messageId: 'no uuid' },
      { ...good, messageId: v7(), type: 'bank.other' },
      { ...good, ...toActor('bank'), messageId: v7(), type: 'bank.rob', headers: {} },
      { ...good, messageId: v7(), headers: { 'warren-schema-version': 9 } },
    ]) {
      await fleet.send(bad);
      letters.push(String((await deadLetterOn(fleet)).headers['warren-error-code']));
    }
    expect(letters).to.deep.equal([
      'message.not-json',
      'message.invalid',
      'message.no-id',
      'message.wrong-address',
      'message.unknown-type',
      'message.unknown-version',
    ]);
    expect(await count('accounts')).to.equal(0);
  });

  it('performs effects so many at once as allowed, and those of one key one after the other', async () => {
    const fleet = newFleet();
    teller.meanwhile = () => until('ten at once', () => teller.busiest >= 10).then(() => undefined);
    await fleet.run([teller], { concurrency: 10 });
    await fleet.send(...Array.from({ length: 12 }, (_, index) => notify(`n${index}`)));
    await until('all are notified', async () => (await count('told')) === 12);
    expect(teller.busiest).to.equal(10);
    teller.busiest = 0;
    teller.meanwhile = async () => undefined;
    await fleet.send(notify('same'), notify('same'), notify('same'));
    await until('three for one key', async () => (await notices('same')) === 300);
    expect(teller.busiest).to.equal(1);
  });

  it('performs an effect again when its state moved meanwhile, under the same idempotency key', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor(), teller]);
    teller.meanwhile = async () => {
      if (teller.calls.length > 1) return;
      await fleet.publish(Deposit, { account: 'moved', amount: 1 }, v7());
      await until('the decision has committed', async () => (await notices('moved')) === 1);
    };
    await fleet.send(notify('moved'));
    await until('the effect is committed', async () => (await notices('moved')) === 101);
    expect(teller.calls.length).to.equal(2);
    expect(new Set(teller.calls).size).to.equal(1);
  });

  it('gives an effect up at its timeout, aborts its signal, and tries it again later', async () => {
    const fleet = newFleet();
    await fleet.run([teller]);
    await fleet.send(notify('hung', 'hang'));
    await until('a second attempt', () => teller.calls.length >= 2);
    expect(new Set(teller.calls).size).to.equal(1);
    expect(await notices('hung')).to.equal(undefined);
  });

  it('tries an effect again after a transient error, and commits it then', async () => {
    const fleet = newFleet();
    await fleet.run([teller]);
    await fleet.send(notify('later', 'fail'));
    await until('the effect is committed', async () => (await notices('later')) === 100);
    expect(teller.calls.length).to.equal(2);
    const metrics = await register.metrics();
    expect(metrics).to.match(/warren_retries_total\{actor="teller",rung="retry.1s"\} [1-9]/);
    expect(metrics).to.match(/warren_effect_seconds_count\{actor="teller"\} [2-9]/);
  });

  it('goes on unaided when its database connections are cut, and loses nothing', async () => {
    const fleet = newFleet();
    await fleet.run([new BankActor()], { prefetch: 20 });
    const cut = async (): Promise<number> => {
      const { rowCount } = await database.database.query({
        text: "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'warren test' and datname = current_database()",
      });
      return rowCount;
    };
    await fleet.send(...Array.from({ length: 300 }, (_, index) => deposit(`cut${index % 7}`, 1)));
    let cuts = 0;
    await until('all are handled', async () => {
      if (cuts < 5) cuts += await cut();
      return (await count('inbox')) === 300;
    });
    expect(cuts).to.be.greaterThan(0);
    expect(await one('select sum(balance)::integer as sum from accounts')).to.deep.equal({ sum: 300 });
    expect(await count('entries')).to.equal(300);
    await until('the outbox is empty or left to the relay', async () => (await count('event_log')) === 300);
  });

  it('finishes what is begun when it stops, and gives the rest back to the queue', async () => {
    const fleet = newFleet();
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    teller.meanwhile = () => gate;
    await fleet.run([teller], { concurrency: 2 });
    await fleet.send(...Array.from({ length: 6 }, (_, index) => notify(`stop${index}`)));
    await until('two are begun', () => teller.busy === 2);
    const stopped = fleet.stop();
    fleets = [];
    release();
    await stopped;
    expect(await count('told')).to.equal(2);
    const successor = newFleet();
    await successor.run([new TellerActor()]);
    await until('the rest is handled', async () => (await count('told')) === 6);
    expect(await count('inbox')).to.equal(6);
    await until('no mark is left on what was given back', async () => (await count('crash_marks')) === 0);
  });

  const notify = (account: string, how = 'well') =>
    newMessage(
      Notify,
      { account, how },
      { correlationId: v7(), causationId: null, producer: 'test', occurredAt: new Date() },
    );

  async function deadLetterOn(fleet: TestFleet) {
    return until('a dead letter', () => fleet.takeDeadLetter());
  }
});
