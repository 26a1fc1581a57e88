import 'reflect-metadata';
import { expect } from 'chai';
import { register } from 'prom-client';
import Type from 'typebox';
import { v7 } from 'uuid';
import { heldLetterOf } from '../../shared/actors/dead-letter.js';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import { PermanentError } from '../../shared/actors/errors.js';
import { bigint, keyedState, ledger, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import type { Running } from '../../shared/actors/worker.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { editMessage } from '../../shared/messaging/edit.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { encode } from '../../shared/messaging/wire.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { discardLetters, redriveLetter, replaceLetter } from '../../shared/postgres/dead-letter-changes.js';
import { holdDeadLetters } from '../../shared/postgres/dead-letters.js';
import { listJobs, makeJob } from '../../shared/postgres/redrive-jobs.js';
import { leaseRedrives, markSent, settleRedriven } from '../../shared/postgres/redrives.js';
import { worker as deadLetters } from '../../workers/dead-letters/dead-letters.worker.js';
import { sendRedrives } from '../../workers/dead-letters/redrive.js';
import { redrivePacket } from '../../workers/dead-letters/redrive-packet.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Note = command('desk.note', 1, Type.Object({ n: Type.Integer() }));
type Note = Payload<typeof Note>;
const NoteLater = command('desk.note', 2, Type.Object({ n: Type.Integer() }), { 1: (older) => older });
const Folders = keyedState('folders', { key: { column: 'id', type: 'uuid' }, columns: { notes: bigint() } });
type Folder = Value<typeof Folders>;
const Notes = ledger('notes', { n: bigint() });

/** Numbers that cannot be noted, until somebody mends it. */
const broken = new Set<number>();
const noted = ({ n }: Note, folder: State<Folder>, { append }: Outgoing): void => {
  if (broken.has(n)) throw new PermanentError('desk.broken', `nobody can note ${n}`);
  folder.set({ notes: (folder.value?.notes ?? 0) + 1 });
  append(Notes, { n });
};

@Actor({ name: 'clerk', state: Folders })
class ClerkActor {
  @Decide(Note)
  note(note: Note, folder: State<Folder>, outgoing: Outgoing): void {
    noted(note, folder, outgoing);
  }
}

/** Of the next release. */
@Actor({ name: 'clerk', state: Folders })
class NewerClerkActor {
  @Decide(NoteLater)
  note(note: Note, folder: State<Folder>, outgoing: Outgoing): void {
    noted(note, folder, outgoing);
  }
}

@Actor({ name: 'porter', state: Folders })
class PorterActor {
  readonly calls: number[] = [];

  @Effect(Note)
  async carry(note: Note, folder: State<Folder>, outgoing: EffectOutgoing): Promise<void> {
    this.calls.push(note.n);
    noted(note, folder, outgoing);
  }
}

describe('dead letters', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let fleets: TestFleet[];
  let running: Running[];
  const author = { by: 'ada', reason: 'it is mended' };

  const newFleet = (release = 'r1'): TestFleet => {
    const urls = { database: database.url, broker: broker.url, redis: needed('REDIS_URL') };
    const fleet = new TestFleet(urls, release);
    fleets.push(fleet);
    return fleet;
  };
  const started = async (actor: object = new ClerkActor(), release = 'r1'): Promise<TestFleet> => {
    const fleet = newFleet(release);
    await fleet.run([actor]);
    return fleet;
  };
  // The worker asks nothing of the environment and resolves nothing.
  const lookAfter = (fleet: TestFleet): Running => {
    const one = deadLetters.start(fleet.parts, undefined as never, undefined as never);
    running.push(one);
    return one;
  };
  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await database.database.query<R>({ text, values })).rows;
  const note = (n: number, order: string): Message =>
    newMessage(
      Note,
      { n },
      { correlationId: order, causationId: null, producer: 'test', occurredAt: new Date('2026-01-01') },
    );
  /** What was noted, in its order. */
  const notes = async (): Promise<number[]> =>
    (await rows<{ n: number }>('select n from notes order by id')).map(({ n }) => n);
  const noteds = (...expected: number[]): Promise<unknown> =>
    until(`${expected} are noted`, async () => (await notes()).length === expected.length).then(async () =>
      expect(await notes()).to.deep.equal(expected),
    );
  const statuses = async (): Promise<string[]> =>
    (await rows<{ status: string }>('select status from dead_letters order by id')).map(({ status }) => status);
  const standing = (...expected: string[]): Promise<unknown> =>
    until(`the letters are ${expected}`, async () => String(await statuses()) === String(expected));
  const letterOf = async ({ id }: Message): Promise<string> =>
    (await rows<{ id: string }>('select id from dead_letters where message_id = $1 order by id', id))[0]?.id ?? '';

  const change = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> => database.database.transaction(work);
  const redrive = (letter: string): Promise<void> =>
    change((transaction) => redriveLetter(transaction, letter, author));

  beforeEach(async () => {
    fleets = [];
    running = [];
    broken.clear();
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: `create table folders (id uuid primary key, notes bigint not null, version bigint not null);
             create table notes (id uuid primary key, n bigint not null)`,
    });
  });

  afterEach(async () => {
    await Promise.all(running.map((one) => one.stop(2000)));
    await Promise.all(fleets.map((fleet) => fleet.stop()));
    await database.close();
    await broker.close();
  });

  it('are redriven under their id to the actor that failed and to no other, as a first attempt', async () => {
    const other = new PorterActor();
    const fleet = newFleet();
    await fleet.run([new ClerkActor(), other]);
    lookAfter(fleet);
    broken.add(1);
    const message = note(1, v7());
    await fleet.send({ ...encode(message), exchange: '', routingKey: 'clerk' });
    await standing('open');
    broken.clear();
    await redrive(await letterOf(message));
    await standing('redriven');
    expect(await notes()).to.deep.equal([1]);
    expect(other.calls).to.deep.equal([]);
    expect(await rows('select actor, message_id from inbox')).to.deep.equal([
      { actor: 'clerk', message_id: message.id },
    ]);
    expect(await rows('select change, made_by, reason from dead_letter_changes')).to.deep.equal([
      { change: 'redrive', made_by: 'ada', reason: 'it is mended' },
    ]);
  });

  it('are sent again when the process that redrives dies before or after it published, and have one effect', async () => {
    const fleet = await started();
    broken.add(1);
    const message = note(1, v7());
    await fleet.send(message);
    await standing('open');
    broken.clear();
    const { parts } = fleet;
    await redrive(await letterOf(message));
    // Died with the lease in hand, and nothing published.
    await leaseRedrives(parts.database, { limit: 10, leaseMs: 1, release: 'r1' });
    const [leased] = await until('the lease has run out', async () => {
      const redrives = await leaseRedrives(parts.database, { limit: 10, leaseMs: 1, release: 'r1' });
      return redrives.length > 0 ? redrives : undefined;
    });
    // Died with the message published, and nothing noted.
    if (leased !== undefined) await fleet.send(redrivePacket(leased, 'again', false));
    await until('it is sent again', async () => (await sendRedrives(parts.database, parts.publisher, parts)) === 1);
    await until('it is settled', async () => (await settleRedriven(parts.database)) === 1);
    await fleet.send(note(2, v7()));
    await noteds(1, 2);
    expect(await sendRedrives(parts.database, parts.publisher, parts)).to.equal(0);
  });

  it('keep later messages of their order waiting, in one batch, the next and another process, and let other orders pass', async () => {
    const first = await started();
    broken.add(1);
    const [order, other] = [v7(), v7()];
    const failing = note(1, order);
    await first.send(failing, note(2, order), note(10, other), note(3, order));
    await standing('open', 'held', 'held');
    const second = await started();
    await second.send(note(4, order), note(11, other));
    await standing('open', 'held', 'held', 'held');
    await until('the other order has passed', async () => (await notes()).length === 2);
    broken.clear();
    await redrive(await letterOf(failing));
    lookAfter(first);
    lookAfter(second);
    await standing('redriven', 'redriven', 'redriven', 'redriven');
    expect((await notes()).slice(2)).to.deep.equal([1, 2, 3, 4]);
    await first.send(note(5, order));
    await until('nothing waits any more', async () => (await notes()).length === 7);
  });

  it('keep their place in the line when the clock of the process that filed them was an hour ahead', async () => {
    const fleet = await started();
    lookAfter(fleet);
    broken.add(1);
    const order = v7();
    const failing = note(1, order);
    await fleet.send(failing);
    await standing('open');
    const ahead = v7({ msecs: Date.now() + 3_600_000 });
    await rows('update dead_letters set id = $2 where message_id = $1', failing.id, ahead);
    await fleet.send(note(2, order));
    // Listed by their ids.
    await standing('held', 'open');
    broken.clear();
    await redrive(ahead);
    await noteds(1, 2);
  });

  it('go on although one that was filed earlier is committed only when the later one is being sent', async () => {
    const fleet = await started();
    const { parts } = fleet;
    const order = v7();
    const [earlier, later] = [note(1, order), note(2, order)];
    const hold = (transaction: Transaction, message: Message): Promise<void> =>
      holdDeadLetters(transaction, [heldLetterOf(encode(message), { actor: 'clerk', release: 'r1' })]);
    await change(async (transaction) => {
      await hold(transaction, earlier);
      await parts.database.transaction((other) => hold(other, later));
      await leaseRedrives(parts.database, { limit: 10, leaseMs: 30_000, release: 'r1' });
    });
    await markSent(parts.database, [await letterOf(later)]);
    await fleet.send(later);
    await until('it has come too early', async () => {
      const [letter] = await rows<{ sent: boolean }>(
        'select sent_at is not null as sent from dead_letters where message_id = $1',
        later.id,
      );
      return letter?.sent === false;
    });
    lookAfter(fleet);
    await noteds(1, 2);
  });

  it('keep the rest of their order waiting when one that follows fails in its turn', async () => {
    const fleet = await started();
    lookAfter(fleet);
    broken.add(1).add(2);
    const order = v7();
    const messages = [note(1, order), note(2, order), note(3, order)];
    await fleet.send(...messages);
    await standing('open', 'held', 'held');
    broken.delete(1);
    await redrive(await letterOf(messages[0] as Message));
    await standing('redriven', 'open', 'held');
    broken.clear();
    await redrive(await letterOf(messages[1] as Message));
    await noteds(1, 2, 3);
  });

  it('are not handled by a second delivery while they are open, and are filed once', async () => {
    const fleet = await started();
    broken.add(1);
    const order = v7();
    const message = note(1, order);
    await fleet.send(message);
    await standing('open');
    broken.clear();
    await fleet.send(message, note(2, order), message);
    await standing('open', 'held');
    await fleet.send(note(10, v7()));
    await noteds(10);
  });

  it('are discarded with a reason: the next of the order follows, and a late copy has no effect', async () => {
    const fleet = await started();
    lookAfter(fleet);
    broken.add(1);
    const order = v7();
    const message = note(1, order);
    await fleet.send(message, note(2, order));
    await standing('open', 'held');
    broken.clear();
    expect(await change((transaction) => discardLetters(transaction, { order }, author))).to.equal(1);
    await standing('discarded', 'redriven');
    await fleet.send(message, note(3, order));
    await noteds(2, 3);
  });

  it('are replaced by an edited message with an id of its own and its cause, in their place of the line', async () => {
    const fleet = await started();
    broken.add(1);
    const order = v7();
    const message = note(1, order);
    await fleet.send(message, note(2, order));
    await standing('open', 'held');
    const id = await letterOf(message);
    const before = { messageId: message.id, headers: encode(message).headers };
    const edited = editMessage(before, { contract: Note, payload: { n: 7 }, messageId: v7() });
    const replacement = await change((transaction) => replaceLetter(transaction, { id, edited, author }));
    await standing('replaced', 'held', 'redriving');
    expect(await rows('select replaced_by from dead_letters where id = $1', id)).to.deep.equal([
      { replaced_by: replacement },
    ]);
    lookAfter(fleet);
    await noteds(7, 2);
    const [filed] = await rows<{ headers: object }>('select headers from dead_letters where id = $1', replacement);
    expect(filed?.headers).to.include({ 'warren-causation-id': message.id, 'cloudEvents:id': edited.messageId });
    broken.clear();
    await standing('replaced', 'redriven', 'redriven');
    await fleet.send(message, note(3, order));
    await noteds(7, 2, 3);
    const again = await change((transaction) => replaceLetter(transaction, { id, edited, author })).catch(
      (error: unknown) => error,
    );
    expect(again).to.have.property('code', 'dead-letter.status');
  });

  it('keep effects of their order from being performed', async () => {
    const porter = new PorterActor();
    const fleet = await started(porter);
    lookAfter(fleet);
    broken.add(1);
    const order = v7();
    const message = note(1, order);
    await fleet.send(message);
    await standing('open');
    await fleet.send(note(10, v7()), note(2, order));
    await standing('open', 'held');
    await noteds(10);
    expect(porter.calls).to.have.members([1, 10]);
    broken.clear();
    await redrive(await letterOf(message));
    await noteds(10, 1, 2);
    expect(porter.calls.slice(2)).to.deep.equal([1, 2]);
  });

  it('go by the queue when PostgreSQL refuses to file them, and are filed from there', async () => {
    await rows("alter table dead_letters add constraint refused check (error_code <> 'desk.broken')");
    const fleet = await started();
    broken.add(1);
    await fleet.send(note(1, v7()), note(10, v7()));
    await noteds(10);
    expect(await statuses()).to.deep.equal([]);
    lookAfter(fleet);
    await rows('alter table dead_letters drop constraint refused');
    await standing('open');
    expect(await rows('select road, error_code from dead_letters')).to.deep.equal([
      { road: 'runtime', error_code: 'desk.broken' },
    ]);
  });

  it('are parked when their version is unknown, and handled when the release is there that knows it', async () => {
    const fleet = await started();
    const message = { ...note(1, v7()), version: 2 };
    await fleet.send(message);
    await standing('open');
    expect(await rows('select error_code from dead_letters')).to.deep.equal([
      { error_code: 'message.unknown-version' },
    ]);
    await fleet.stop();
    fleets = [];
    lookAfter(await started(new NewerClerkActor(), 'r2'));
    await until('it is counted', async () =>
      (await register.metrics()).includes('code="message.unknown-version",status="open"} 1'),
    );
    await makeJob(database.database, { code: 'message.unknown-version' }, { ...author, perSecond: 50 });
    await noteds(1);
    await standing('redriven');
  });

  it('are made at once of another message under the id of one that was handled, by decision or by effect', async () => {
    for (const actor of [new ClerkActor(), new PorterActor()]) {
      const fleet = await started(actor);
      const handled = await fleet.publish(Note, { n: 1 }, v7());
      await until('it is handled', async () => (await notes()).length === 1);
      await fleet.send(handled, { ...handled, body: '{"n":2}' });
      const [letter] = await until('a letter is filed', async () => {
        const found = await rows<{ error_code: string; body: string }>('select error_code, body from dead_letters');
        return found.length > 0 ? found : undefined;
      });
      expect(letter).to.deep.equal({ error_code: 'message.id-reused', body: '{"n":2}' });
      await fleet.send(handled);
      await fleet.send(note(3, v7()));
      await noteds(1, 3);
      expect((await rows('select 1 from inbox')).length).to.equal(2);
      await fleet.stop();
      fleets = [];
      await rows('truncate inbox, dead_letters, notes, folders, event_log, outbox');
    }
  });

  it('of one fingerprint are redriven behind a canary; one that repeats suspends them until another release', async () => {
    broken.add(1).add(2).add(3);
    const fleet = await started();
    await fleet.send(note(1, v7()), note(2, v7()), note(3, v7()));
    await standing('open', 'open', 'open');
    const job = await makeJob(database.database, { actor: 'clerk' }, { ...author, perSecond: 50 });
    expect(job?.total).to.equal(3);
    const worker = lookAfter(fleet);
    await until(
      'the job is suspended',
      async () => (await listJobs(database.database, { limit: 1 }))[0]?.status === 'suspended',
    );
    const occurrences = await rows<{ occurrences: number }>(
      'select occurrences from dead_letters order by occurrences',
    );
    expect(occurrences.map((row) => row.occurrences)).to.deep.equal([1, 1, 2]);
    await worker.stop(2000);
    await fleet.stop();
    fleets = [];
    running = [];
    broken.clear();
    lookAfter(await started(new ClerkActor(), 'r2'));
    const finished = await until('the job is finished', async () => {
      const [one] = await listJobs(database.database, { limit: 1 });
      return one?.status === 'finished' ? one : undefined;
    });
    expect(finished).to.include({ total: 3, done: 2, failed: 1, madeBy: 'ada' });
    expect((await notes()).length).to.equal(2);
  });

  it('of a job are not kept from going by one of their fingerprint that waits behind another letter', async () => {
    broken.add(1).add(2).add(3);
    const order = v7();
    const fleet = await started();
    await fleet.send(note(1, order));
    await standing('open');
    await rows(`update dead_letters set fingerprint = 'another'`);
    await fleet.send(note(2, order));
    await standing('open', 'held');
    await fleet.send(note(3, v7()));
    await standing('open', 'held', 'open');
    const [last] = await rows<{ id: string }>(`select id from dead_letters order by place desc limit 1`);
    await rows(
      `update dead_letters as held set status = 'redriving', fingerprint = last.fingerprint
                  from dead_letters as last where last.id = $1 and held.status = 'held'`,
      last?.id,
    );
    broken.clear();
    await makeJob(database.database, { ids: [last?.id ?? ''] }, { ...author, perSecond: 50 });
    lookAfter(fleet);
    await noteds(3);
    await standing('open', 'redriving', 'redriven');
  });

  it('of a job are sent at its rate, and by whichever process lives', async () => {
    for (let n = 1; n <= 9; n++) broken.add(n);
    const fleet = await started();
    await fleet.send(...[...broken].map((n) => note(n, v7())));
    await until('all are filed', async () => (await statuses()).length === 9);
    broken.clear();
    await makeJob(database.database, {}, { ...author, perSecond: 4 });
    const first = lookAfter(fleet);
    await until('some are handled', async () => (await notes()).length > 0);
    await first.stop(2000);
    running = [];
    expect((await notes()).length).to.be.lessThan(9);
    lookAfter(await started());
    await until(
      'the job is finished',
      async () => (await listJobs(database.database, { limit: 1 }))[0]?.status === 'finished',
    );
    expect((await notes()).sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const [{ seconds } = { seconds: 0 }] = await rows<{ seconds: number }>(
      'select extract(epoch from finished_at - started_at)::float8 as seconds from redrive_jobs',
    );
    // The canary, then four, then four.
    expect(seconds).to.be.greaterThan(2);
  });
});
