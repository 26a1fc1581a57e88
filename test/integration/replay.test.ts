import 'reflect-metadata';
import { expect } from 'chai';
import Type from 'typebox';
import { v7 } from 'uuid';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { definitionOf } from '../../shared/actors/definition.js';
import { PermanentError } from '../../shared/actors/errors.js';
import { bigint, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { replaying } from '../../shared/actors/replay/replaying.js';
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { leastId } from '../../shared/messaging/message-id.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import { NOTHING_REHEARSED } from '../../shared/postgres/replay-rehearsal.js';
import {
  findReplay,
  makeReplay,
  moveReplay,
  type Replay,
  type ReplayStatus,
  type ReplayWanted,
} from '../../shared/postgres/replays.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Deposit = command('till.deposit', 1, Type.Object({ pence: Type.Integer() }));
const Thank = command('till.thank', 1, Type.Object({ pence: Type.Integer() }));
const Deposited = event('till.deposited', 1, Type.Object({ total: Type.Integer() }));
const Accounts = keyedState('accounts', { key: { column: 'id', type: 'uuid' }, columns: { total: bigint() } });
type Account = Value<typeof Accounts>;

@Actor({ name: 'till', state: Accounts })
class TillActor {
  readonly thanked: number[] = [];
  /** Nobody takes so much. */
  broken: number | undefined;

  @Decide(Deposit)
  deposit({ pence }: Payload<typeof Deposit>, account: State<Account>, { publish }: Outgoing): void {
    if (pence === this.broken) throw new PermanentError('till.broken', `nobody takes ${pence}`);
    const total = (account.value?.total ?? 0) + pence;
    account.set({ total });
    publish(Deposited, { total });
  }

  @Effect(Thank)
  async thank({ pence }: Payload<typeof Thank>, _account: State<Account>, _outgoing: EffectOutgoing): Promise<void> {
    this.thanked.push(pence);
  }
}

/** Takes the same, and is none of the replay's business. */
@Actor({ name: 'auditor', state: Accounts })
class AuditorActor {
  readonly heard: number[] = [];

  @Decide(Deposit)
  hear({ pence }: Payload<typeof Deposit>): void {
    this.heard.push(pence);
  }
}

describe('a replay', () => {
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
    const definition = definitionOf(TillActor);
    if (definition === undefined) throw new TypeError('not an actor');
    // An actor's instance is indexed by the names of its methods.
    const instance = till as unknown as Readonly<Record<string, unknown>>;
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

  it('is rehearsed first: what each decision would come to, one after the other, and nothing of it stays', async () => {
    const [first, second] = [deposit(5), deposit(7)];
    const odd = { ...deposit(1), body: '{"pence":"many"}' };
    const thank = newMessage(Thank, { pence: 5 }, from);
    await history(first, second, odd, thank, deposit(13));
    await rows(`insert into accounts values ('${order}', 100, 1)`);
    till.broken = 13;
    worksOnReplays(await started([till]));
    const { rehearsal } = await reached(await made(), 'rehearsed');
    expect(rehearsal).to.deep.include({
      done: true,
      total: 5,
      types: { 'till.deposit': 4, 'till.thank': 1 },
      toSend: 3,
      handled: 0,
      invalid: 1,
      effectsOff: 1,
      effects: 0,
      decisions: 3,
      changing: 2,
      stateChanges: 2,
      publishes: { 'till.deposited': 2 },
      fails: { 'till.broken': 1 },
      approximate: false,
    });
    const shown = rehearsal?.shown.map(({ id, changes, publishes }) => [id, changes[0]?.fields['total'], publishes]);
    expect(shown?.slice(0, 2)).to.deep.equal([
      [first.id, { from: 100, to: 105 }, [{ type: 'till.deposited', payload: { total: 105 } }]],
      [second.id, { from: 105, to: 112 }, [{ type: 'till.deposited', payload: { total: 112 } }]],
    ]);
    expect(rehearsal?.shown[2]?.fails).to.deep.equal({ code: 'till.broken', message: 'nobody takes 13' });
    expect(await totals()).to.deep.equal([100]);
    expect(await rows('select from inbox')).to.deep.equal([]);
    expect(await rows('select from dead_letters')).to.deep.equal([]);
    expect(await rows("select from event_log where type = 'till.deposited'")).to.deep.equal([]);
    expect(till.thanked).to.deep.equal([]);
  });

  it('goes to its actor and to no other, leaves out what was handled and effects, and counts them', async () => {
    const fleet = await started([till, auditor]);
    worksOnReplays(fleet);
    const handled = deposit(1);
    await history(handled);
    await fleet.send(handled);
    await until('one is handled', async () => (await totals())[0] === 1);
    await until('the other has heard it', () => auditor.heard.length === 1);
    await history(deposit(2), newMessage(Thank, { pence: 3 }, from), deposit(4));
    const id = await made();
    expect((await reached(id, 'rehearsed')).rehearsal).to.deep.include({ total: 4, handled: 1, toSend: 2 });
    expect(await totals()).to.deep.equal([1]);
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.deep.include({
      sent: 2,
      skipped: 1,
      effectsOff: 1,
      refused: 0,
      failed: 0,
      inFlight: [],
      trouble: null,
    });
    expect(await totals()).to.deep.equal([7]);
    expect([auditor.heard, till.thanked]).to.deep.equal([[1], []]);
  });

  it('is rehearsed with what only the database refuses, and one that it refuses harms no other', async () => {
    await rows('alter table accounts add constraint not_so_much check (total < 1000)');
    const messages = [deposit(5), deposit(5000), deposit(7), deposit(11)];
    await history(...messages);
    worksOnReplays(await started([till]));
    const { rehearsal } = await reached(await made(), 'rehearsed');
    expect(rehearsal).to.deep.include({ decisions: 4, changing: 3, stateChanges: 3 });
    expect(rehearsal?.shown.map(({ changes, fails }) => [changes[0]?.fields['total'], fails?.code])).to.deep.equal([
      [{ from: null, to: 5 }, undefined],
      [undefined, '23514'],
      [{ from: 5, to: 12 }, undefined],
      [{ from: 12, to: 23 }, undefined],
    ]);
    expect(await totals()).to.deep.equal([]);
  });

  it('is not sent by a process whose release does not take what was rehearsed', async () => {
    worksOnReplays(await started([till]));
    await history(deposit(1));
    const id = await made();
    await reached(id, 'rehearsed');
    await rows(
      `update replays set rehearsal = jsonb_set(rehearsal, '{types}', '{"till.deposit": 1, "till.withdraw": 1}')`,
    );
    await move(id, 'rehearsed', 'running');
    const troubled = await until('it says so', async () => {
      const replay = await findReplay(database.database, id);
      return replay?.trouble === null ? undefined : replay;
    });
    expect(troubled?.trouble).to.equal(
      'release test does not take till.withdraw; a process of release test has to go on',
    );
    expect(troubled).to.include({ sent: 0, status: 'running' });
  });

  it('sends effects when they are asked for', async () => {
    worksOnReplays(await started([till]));
    await history(newMessage(Thank, { pence: 3 }, from));
    const id = await made({ effects: true });
    expect((await reached(id, 'rehearsed')).rehearsal).to.deep.include({ effects: 1, effectsOff: 0, decisions: 0 });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.include({ sent: 1 });
    expect(till.thanked).to.deep.equal([3]);
  });

  it('means the types, the order and the time that it was asked for', async () => {
    worksOnReplays(await started([till]));
    const [early, late, other] = [deposit(1), deposit(2), deposit(4, v7())];
    await history(early, late, other, newMessage(Thank, { pence: 8 }, from));
    const totalOf = async (wanted: Partial<ReplayWanted>): Promise<number | undefined> =>
      (await reached(await made(wanted), 'rehearsed')).rehearsal?.total;
    expect(await totalOf({ types: 'till.dep*' })).to.equal(3);
    expect(await totalOf({ order })).to.equal(3);
    expect(await totalOf({ order, types: 'till.deposit' })).to.equal(2);
    expect(await totalOf({ fromId: late.id, untilId: other.id })).to.equal(1);
  });

  it('refuses what has a dead letter, and counts what becomes one', async () => {
    const fleet = await started([till]);
    worksOnReplays(fleet);
    const [lost, failing] = [deposit(13), deposit(13, v7())];
    await history(lost, failing);
    till.broken = 13;
    await fleet.send(lost);
    await until('it is a dead letter', async () => (await rows('select from dead_letters')).length === 1);
    const id = await made();
    const { rehearsal } = await reached(id, 'rehearsed');
    expect(rehearsal).to.deep.include({ total: 2, deadLetters: 1, toSend: 1, fails: { 'till.broken': 1 } });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.deep.include({ sent: 1, refused: 1, failed: 1, inFlight: [] });
    expect(await rows('select occurrences from dead_letters')).to.deep.equal([{ occurrences: 1 }, { occurrences: 1 }]);
  });

  it('says which messages are older than the inbox, and sends them', async () => {
    worksOnReplays(await started([till]));
    const old = { ...deposit(9), id: v7({ msecs: Date.parse('2026-01-01') }) };
    await history(old, deposit(1));
    const id = await made();
    expect((await reached(id, 'rehearsed')).rehearsal).to.include({ toSend: 2, forgotten: 1 });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.include({ sent: 2 });
    expect(await totals()).to.deep.equal([10]);
  });

  it('keeps its rate, is paused and resumed, and ends where it is cancelled', async () => {
    worksOnReplays(await started([till]));
    await history(...Array.from({ length: 40 }, () => deposit(1, v7())));
    const id = await made({ perSecond: 10 });
    await reached(id, 'rehearsed');
    const began = performance.now();
    await move(id, 'rehearsed', 'running');
    const sent = async (): Promise<number> => (await findReplay(database.database, id))?.sent ?? 0;
    await until('some are sent', async () => (await sent()) >= 20);
    expect(performance.now() - began).to.be.above(900);
    await move(id, 'running', 'paused');
    const settled = await until('the step that was under way is noted', async () => {
      const [now] = await rows<{ sent: number; due: boolean }>('select sent, due_at <= now() as due from replays');
      return now?.due === true ? now.sent : undefined;
    });
    expect(settled).to.be.below(40);
    expect((await totals()).length).to.be.at.most(settled);
    await move(id, 'paused', 'running');
    await until('it goes on', async () => (await sent()) > settled);
    await move(id, 'running', 'cancelled');
    const replay = await findReplay(database.database, id);
    expect(replay?.finishedAt).to.be.instanceOf(Date);
    expect(await move(id, 'paused', 'running')).to.equal(undefined);
    expect((await totals()).length).to.be.below(40);
  });

  it('goes on without a gap when the process dies that sent and did not note it, and has each effect once', async () => {
    const fleet = await started([till]);
    const messages = Array.from({ length: 5 }, (_, index) => deposit(10 ** index));
    await history(...messages);
    const id = await made();
    worksOnReplays(fleet, 500);
    await reached(id, 'rehearsed');
    // Died with three messages sent, one of them handled, and its lease in hand.
    await fleet.send(...messages.slice(0, 3).map((one) => ({ ...one })));
    await rows(`update replays set status = 'running', holder = '${v7()}', due_at = now() + interval '1 second'`);
    expect(await reached(id, 'finished')).to.include({ status: 'finished' });
    await until('all are handled', async () => (await totals())[0] === 11_111);
    expect(await rows('select count(*) as count from inbox')).to.deep.equal([{ count: 5 }]);
  });

  it('is rehearsed anew when the process dies that rehearsed it, and nothing is counted twice', async () => {
    await history(deposit(1), deposit(2));
    const id = await made();
    const half = JSON.stringify({
      ...NOTHING_REHEARSED,
      total: 1,
      toSend: 1,
      decisions: 1,
      types: { 'till.deposit': 1 },
    });
    // Died with one message rehearsed, and its lease in hand.
    await rows(
      `update replays set rehearsal = $1::jsonb, holder = $2, due_at = now() + interval '1 second'`,
      half,
      v7(),
    );
    worksOnReplays(await started([till]));
    const { rehearsal } = await reached(id, 'rehearsed');
    expect(rehearsal).to.deep.include({ total: 2, toSend: 2, decisions: 2, types: { 'till.deposit': 2 } });
  });

  it('says what keeps it from sending, and goes on when that is mended', async () => {
    const fleet = await started([auditor]);
    await history(deposit(2));
    const id = await made();
    worksOnReplays(fleet);
    await reached(id, 'rehearsed');
    await move(id, 'rehearsed', 'running');
    const troubled = await until('it is in trouble', async () => {
      const replay = await findReplay(database.database, id);
      return replay?.trouble === null ? undefined : replay;
    });
    expect(troubled).to.deep.include({
      trouble: 'there is no queue till: run the release step',
      sent: 0,
      position: null,
    });
    await started([till]);
    expect(await reached(id, 'finished')).to.include({ sent: 1, trouble: null });
    expect(await totals()).to.deep.equal([2]);
  });
});
