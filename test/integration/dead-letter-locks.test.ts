import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Transaction } from '../../shared/postgres/database.js';
import { discardLetters, redriveLetter, replaceLetter } from '../../shared/postgres/dead-letter-changes.js';
import { type DeadLetter, fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { claimInbox, withdrawInbox } from '../../shared/postgres/inbox.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { sampleLetter } from '../support/sample-letter.js';
import { until } from '../support/until.js';

describe('the locks of dead letters', () => {
  let store: TestDatabase;
  const author = { by: 'ada', reason: 'it is of no use' };

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(() => emptyTables(store.database));

  const transaction = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    store.database.transaction(work);
  const filed = async (...letters: DeadLetter[]): Promise<string[]> => {
    for (const letter of letters) await transaction((one) => fileDeadLetters(one, [letter]));
    const { rows } = await store.database.query<{ id: string }>({ text: 'select id from dead_letters order by id' });
    return rows.map(({ id }) => id);
  };
  const letters = async (): Promise<unknown[]> =>
    (await store.database.query({ text: 'select status, occurrences from dead_letters order by id' })).rows;
  const inbox = async (): Promise<unknown[]> =>
    (await store.database.query({ text: 'select actor, message_id from inbox' })).rows;
  /** @param own holds a lock that somebody waits for */
  const isWaitedFor = (own: Transaction): Promise<unknown> =>
    until('somebody waits', async () => {
      // pg_stat_activity would stand still within a transaction.
      const { rowCount } = await own.query({
        text: 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))',
      });
      return rowCount > 0;
    });
  /** Does what an actor does with a copy that fails again, while somebody changes the letter. */
  const failingMeanwhile = async <T>(letter: DeadLetter, change: (one: Transaction) => Promise<T>): Promise<T> => {
    const { actor, messageId } = letter;
    const { changed } = await transaction(async (own) => {
      await claimInbox(own, actor, [messageId]);
      const changed = transaction(change);
      // It is looked at when this transaction is over.
      changed.catch(() => undefined);
      await isWaitedFor(own);
      await withdrawInbox(own, actor, [messageId]);
      await fileDeadLetters(own, [letter]);
      return { changed };
    });
    return changed;
  };

  it('let a letter be discarded by its id while its message is failing again: neither is ended by PostgreSQL', async () => {
    const letter = sampleLetter();
    const ids = await filed(letter);
    expect(await failingMeanwhile(letter, (one) => discardLetters(one, { ids }, author))).to.equal(1);
    expect(await letters()).to.deep.equal([{ status: 'discarded', occurrences: 2 }]);
    expect(await inbox()).to.deep.equal([{ actor: letter.actor, message_id: letter.messageId }]);
  });

  it('let a letter be replaced while its message is failing again', async () => {
    const letter = sampleLetter();
    const [id = ''] = await filed(letter);
    const edited = { messageId: v7(), body: '{}', headers: {} };
    await failingMeanwhile(letter, (one) => replaceLetter(one, { id, edited, author }));
    expect(await letters()).to.deep.equal([
      { status: 'replaced', occurrences: 2 },
      { status: 'redriving', occurrences: 1 },
    ]);
  });

  it('leave a message to be handled whose letter no longer fits when its lock is had', async () => {
    const letter = sampleLetter();
    const [id = ''] = await filed(letter);
    const discarded = await transaction(async (own) => {
      await redriveLetter(own, id, author);
      const discarding = transaction((one) => discardLetters(one, { actor: letter.actor }, author));
      await isWaitedFor(own);
      return { discarding };
    });
    expect(await discarded.discarding).to.equal(0);
    expect(await letters()).to.deep.equal([{ status: 'redriving', occurrences: 1 }]);
    expect(await inbox()).to.deep.equal([]);
  });

  it('are taken in one order, whatever the order in which letters are filed', async () => {
    const [first, second] = [sampleLetter(), sampleLetter()];
    const [lesser, greater] = await filed(first, second);
    const filing = await transaction(async (own) => {
      await own.query({ text: 'select from dead_letters where id = $1 for update', values: [lesser] });
      const filing = transaction((one) => fileDeadLetters(one, [second, first]));
      filing.catch(() => undefined);
      await isWaitedFor(own);
      const free = await own.query({
        text: 'select from dead_letters where id = $1 for update skip locked',
        values: [greater],
      });
      expect(free.rowCount).to.equal(1);
      return { filing };
    });
    await filing.filing;
    expect(await letters()).to.deep.equal([
      { status: 'open', occurrences: 2 },
      { status: 'open', occurrences: 2 },
    ]);
  });
});
