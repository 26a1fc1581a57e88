import type { Socket } from 'node:net';
import { expect } from 'chai';
import pg from 'pg';
import { connectionOptions } from '../../shared/postgres/connection-options.js';
import type { OpenTransaction, Transaction } from '../../shared/postgres/database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

describe('a transaction', () => {
  let store: TestDatabase;
  before(async () => {
    store = await createDatabase();
    await store.database.query({ text: 'create table notes (id integer primary key, note text not null)' });
  });
  beforeEach(() => store.database.query({ text: 'truncate notes' }));
  after(() => store.close());

  const note = (transaction: Transaction, id: number, text: string | null = 'noted') =>
    transaction.query({
      name: `note-${text}`,
      text: `insert into notes (id, note) values ($1, $2) /* ${text} */`,
      values: [id, text],
    });
  const noted = async (): Promise<number[]> => {
    const { rows } = await store.database.query<{ id: number }>({ text: 'select id from notes order by id' });
    return rows.map(({ id }) => id);
  };
  const failure = (work: (transaction: OpenTransaction) => Promise<unknown>): Promise<string> =>
    store.database.transaction(work).then(
      () => 'committed',
      (error: Error) => error.message,
    );

  it('carries out in their order what is asked for at once', async () => {
    const counts = await store.database.transaction((transaction) =>
      Promise.all([
        note(transaction, 1),
        transaction.query<{ count: number }>({ text: 'select count(*) as count from notes' }),
        note(transaction, 2),
        transaction.query<{ count: number }>({ text: 'select count(*) as count from notes' }),
      ]),
    );
    expect([counts[1].rows[0]?.count, counts[3].rows[0]?.count]).to.deep.equal([1, 2]);
    expect(await noted()).to.deep.equal([1, 2]);
  });

  it('leaves nothing of what was asked for beside a statement that fails, and says why that one did', async () => {
    const reason = await failure((transaction) =>
      Promise.all([
        note(transaction, 1),
        // It rejects later than those behind it, which only say that the transaction is aborted.
        note(transaction, 2, null)
          .then(() => undefined)
          .then(() => undefined),
        note(transaction, 3, 'behind it'),
      ]),
    );
    expect(reason).to.contain('null value in column "note"');
    expect(await noted()).to.deep.equal([]);
    // The statement behind the one that failed was not even prepared.
    await store.database.transaction((transaction) => note(transaction, 3, 'behind it'));
    expect(await noted()).to.deep.equal([3]);
  });

  it('is committed behind statements that are not answered yet', async () => {
    const result = await store.database.transaction(async (transaction) => {
      transaction.commitBehind(Promise.all([note(transaction, 1), note(transaction, 2)]));
      return 'result';
    });
    expect(result).to.equal('result');
    expect(await noted()).to.deep.equal([1, 2]);
  });

  it('is rolled back when one of those fails, and rejects with what it failed for', async () => {
    const reason = await failure(async (transaction) => {
      transaction.commitBehind(Promise.all([note(transaction, 1), note(transaction, 2, null), note(transaction, 3)]));
    });
    expect(reason).to.contain('null value in column "note"');
    expect(await noted()).to.deep.equal([]);
    await store.database.transaction((transaction) => note(transaction, 4));
    expect(await noted()).to.deep.equal([4]);
  });

  it('is not committed behind what failed in this process, which PostgreSQL knows nothing of', async () => {
    const reason = await failure(async (transaction) => {
      const failing = async (): Promise<void> => {
        await Promise.resolve();
        throw new Error('no parameters');
      };
      transaction.commitBehind(Promise.all([note(transaction, 1), failing(), note(transaction, 2)]));
    });
    expect(reason).to.equal('no parameters');
    expect(await noted()).to.deep.equal([]);
  });

  it('sends in one write what is asked for at once', async () => {
    const client = new pg.Client(connectionOptions(store.url, 'warren test'));
    await client.connect();
    const written: number[] = [];
    const stream = client.connection.stream as Socket;
    const send = stream._writev?.bind(stream);
    stream._writev = (chunks, done) => {
      written.push(chunks.length);
      send?.(chunks, done);
    };
    await Promise.all([client.query('select 1'), client.query('select $1::text', ['2']), client.query('select 3')]);
    await client.end();
    expect(written[0]).to.be.greaterThan(2);
    // Its last is the end of the session.
    expect(written.length).to.be.lessThan(3);
  });

  it('takes nothing more once its work is over: it would stand on its own', async () => {
    const [kept] = await store.database.transaction(async (transaction) => [transaction] as const);
    const reason = await note(kept, 1).then(
      () => 'taken',
      (error: Error) => error.message,
    );
    expect(reason).to.equal('note-noted came after the end of its transaction');
    expect(await noted()).to.deep.equal([]);
  });
});
