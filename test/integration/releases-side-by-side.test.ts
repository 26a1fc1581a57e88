import 'reflect-metadata';
import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { definitionOf } from '../../shared/actors/definition.js';
import { bigint, keyedState, ledger, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { redriveParked } from '../../shared/actors/redrive-parked.js';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { newId } from '../../shared/messaging/message-id.js';
import Type from '../../shared/messaging/typebox.js';
import type { Packet } from '../../shared/messaging/wire.js';
import { listJobs } from '../../shared/postgres/redrive-jobs.js';
import { worker as deadLetters } from '../../workers/dead-letters/dead-letters.worker.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const Postings = keyedState('postings', { key: { column: 'id', type: 'uuid' }, columns: { pence: bigint() } });
type Posting = Value<typeof Postings>;
const Booked = ledger('booked', { pence: bigint() });

/** In pounds, as the older release has it. */
const Post = command('books.post', 1, Type.Object({ pounds: Type.Integer() }));
type Post = Payload<typeof Post>;
/** In pence; an older message is raised to it. */
const PostPence = command('books.post', 2, Type.Object({ pence: Type.Integer() }), {
  1: (older) => ({ pence: (older as Post).pounds * 100 }),
});
type PostPence = Payload<typeof PostPence>;
/** Which the older release never heard of. */
const Refund = command('books.refund', 1, Type.Object({ pence: Type.Integer() }));
type Refund = Payload<typeof Refund>;

@Actor({ name: 'books', state: Postings })
class OlderBooks {
  @Decide(Post)
  post({ pounds }: Post, posting: State<Posting>, { append }: Outgoing): void {
    posting.set({ pence: pounds * 100 });
    append(Booked, { pence: pounds * 100 });
  }
}

@Actor({ name: 'books', state: Postings })
class NewerBooks {
  @Decide(PostPence)
  post({ pence }: PostPence, posting: State<Posting>, { append }: Outgoing): void {
    posting.set({ pence });
    append(Booked, { pence });
  }

  @Decide(Refund)
  refund({ pence }: Refund, posting: State<Posting>, { append }: Outgoing): void {
    posting.set({ pence: -pence });
    append(Booked, { pence: -pence });
  }
}

describe('an old and a new release side by side', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let stops: (() => Promise<void>)[];

  const started = async (actor: object, release: string): Promise<TestFleet> => {
    const urls = { database: database.url, broker: broker.url, redis: needed('REDIS_URL') };
    const fleet = new TestFleet(urls, release);
    stops.unshift(() => fleet.stop());
    await fleet.run([actor]);
    return fleet;
  };
  /** What a process of the release does besides handling messages. */
  const lookAfter = ({ parts }: TestFleet, actor: object): void => {
    // The worker asks nothing of the environment and resolves nothing.
    const worker = deadLetters.start(parts, undefined as never, undefined as never);
    const definition = definitionOf(actor.constructor);
    if (definition === undefined) throw new TypeError('not an actor');
    const parked = redriveParked(definition, { ...parts, everyMs: 500 });
    stops.unshift(() => Promise.all([worker.stop(2000), parked.stop()]).then(() => undefined));
  };
  const message = (type: string, version: number, payload: object): Packet => ({
    exchange: '',
    routingKey: 'books',
    content: Buffer.from(JSON.stringify(payload)),
    messageId: newId(),
    correlationId: v7(),
    type,
    headers: { 'warren-schema-version': version },
  });
  const rows = async <R extends object>(text: string): Promise<R[]> =>
    (await database.database.query<R>({ text })).rows;
  const booked = async (): Promise<number[]> =>
    (await rows<{ pence: number }>('select pence from booked order by pence')).map(({ pence }) => pence);
  const letters = (): Promise<{ code: string; status: string; attempts: number; occurrences: number }[]> =>
    rows('select error_code as code, status, attempts, occurrences from dead_letters order by id');
  const filed = async (code: string): Promise<number> => {
    const sample = new RegExp(`warren_dead_letters_filed_total\\{actor="books",code="${code}"\\} (\\d+)`);
    return Number(sample.exec(await register.metrics())?.[1] ?? 0);
  };

  beforeEach(async () => {
    stops = [];
    database = await createDatabase();
    broker = await createBroker();
    await database.database.query({
      text: `create table postings (id uuid primary key, pence bigint not null, version bigint not null);
             create table booked (id uuid primary key, pence bigint not null)`,
    });
  });

  afterEach(async () => {
    for (const stop of stops) await stop();
    await database.close();
    await broker.close();
  });

  it('leaves parked what names a version that no release can know', async () => {
    const old = await started(new OlderBooks(), 'r1');
    const good = message('books.post', 2, { pence: 150 });
    await old.send(
      ...[1.5, '2', true, 0].map((version) => ({
        ...message('books.post', 2, { pence: 1 }),
        headers: { 'warren-schema-version': version },
      })),
      good,
    );
    await until('all are parked', async () => (await letters()).length === 5);
    await old.stop();
    stops = [];
    const newer = new NewerBooks();
    lookAfter(await started(newer, 'r2'), newer);
    await until('what is known now is handled', async () => (await booked()).length === 1);
    expect(await rows('select total from redrive_jobs')).to.deep.equal([{ total: 1 }]);
  });

  it('parks and alerts at once what the old one does not know, and handles it by itself when the new one is there', async () => {
    const codes = ['message.unknown-version', 'message.unknown-type'];
    const before = await Promise.all(codes.map(filed));
    const old = await started(new OlderBooks(), 'r1');
    await old.send(
      message('books.post', 2, { pence: 150 }),
      message('books.refund', 1, { pence: 70 }),
      message('books.post', 1, { pounds: 3 }),
    );
    await until('both are parked', async () => (await letters()).length === 2);
    expect(await letters()).to.have.deep.members(
      codes.map((code) => ({ code, status: 'open', attempts: 1, occurrences: 1 })),
    );
    expect(await Promise.all(codes.map(filed))).to.deep.equal(before.map((count) => count + 1));
    await until('what it knows is handled', async () => String(await booked()) === '300');
    await old.stop();
    stops = [];

    const newer = new NewerBooks();
    const fleet = await started(newer, 'r2');
    lookAfter(fleet, newer);
    await until('all are handled', async () => String(await booked()) === '-70,150,300');
    await until('the letters are settled', async () => (await letters()).every(({ status }) => status === 'redriven'));
    const jobs = await until('the jobs are finished', async () => {
      const all = await listJobs(database.database, { limit: 10 });
      return all.every(({ status }) => status === 'finished') && all;
    });
    expect(jobs.map(({ madeBy, done }) => ({ madeBy, done }))).to.deep.equal(
      codes.map(() => ({ madeBy: 'release r2', done: 1 })),
    );
  });

  it('goes on trying while only the old one takes from the queue, and handles each once when the new one does', async () => {
    const old = await started(new OlderBooks(), 'r1');
    const newer = new NewerBooks();
    // Of the new release everything runs but the actor.
    const urls = { database: database.url, broker: broker.url, redis: needed('REDIS_URL') };
    const others = new TestFleet(urls, 'r2');
    stops.unshift(() => others.stop());
    await others.run([]);
    lookAfter(others, newer);
    await old.send(...[1, 2, 3].map((pence) => message('books.post', 2, { pence })));
    await until('each has come to the old one again', async () => {
      const found = await letters();
      return found.length === 3 && found.every(({ occurrences }) => occurrences > 1);
    });
    await started(newer, 'r2');
    await old.stop();
    stops.splice(-1);
    await until('all are handled', async () => String(await booked()) === '1,2,3');
    await until('no letter stands', async () => (await letters()).every(({ status }) => status === 'redriven'));
    expect(await booked()).to.deep.equal([1, 2, 3]);
  });

  it('leaves parked what the new one does not know either', async () => {
    const old = await started(new OlderBooks(), 'r1');
    await old.send(message('books.post', 3, { euros: 1 }), message('books.post', 2, { pence: 5 }));
    await until('both are parked', async () => (await letters()).length === 2);
    await old.stop();
    stops = [];
    const newer = new NewerBooks();
    lookAfter(await started(newer, 'r2'), newer);
    await until('the one it knows is handled', async () => String(await booked()) === '5');
    expect((await letters()).filter(({ status }) => status === 'open')).to.deep.equal([
      { code: 'message.unknown-version', status: 'open', attempts: 1, occurrences: 1 },
    ]);
  });
});
