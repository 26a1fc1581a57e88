import { expect } from 'chai';
import { v7 } from 'uuid';
import { event } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import Type from '../../shared/messaging/typebox.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { keepMessages } from '../../shared/postgres/replay-import.js';
import { holdReplay, listReplays, makeReplay, moveReplay } from '../../shared/postgres/replays.js';
import { forgetReplays } from '../../shared/postgres/retention.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const Told = event('test.told', 1, Type.Object({ orderId: Type.String() }));
const LIMITS = { importDays: 1, keepDays: 400 };

describe('the retention of replays', () => {
  let test: TestDatabase;
  beforeEach(async () => {
    test = await createDatabase();
  });
  afterEach(() => test.close());

  const make = (imported: boolean, madeDaysAgo: number): Promise<string> =>
    test.database.transaction(async (transaction) => {
      const id = v7();
      const wanted = {
        actor: 'email',
        fromId: v7(),
        untilId: v7(),
        types: null,
        order: null,
        effects: false,
        perSecond: 1,
      };
      await makeReplay(transaction, { ...wanted, imported }, { id, by: 'ann', reason: 'a test' });
      await transaction.query({
        text: `update replays set made_at = now() - $2 * interval '1 day' where id = $1`,
        values: [id, madeDaysAgo],
      });
      return id;
    });
  const end = (id: string, daysAgo: number): Promise<void> =>
    test.database.transaction(async (transaction) => {
      await moveReplay(transaction, id, { from: ['importing', 'rehearsing'], to: 'cancelled' });
      await transaction.query({
        text: `update replays set finished_at = now() - $2 * interval '1 day' where id = $1`,
        values: [id, daysAgo],
      });
    });
  const statuses = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await listReplays(test.database, { limit: 100 })).map(({ id, status }) => [id, status]));

  it('ends an import that nobody finished, and keeps none of its messages', async () => {
    const left = await make(true, 2);
    const begun = await make(true, 0.5);
    const orderId = v7();
    const about = { correlationId: orderId, causationId: null, producer: 'test', occurredAt: new Date() };
    for (const replay of [left, begun]) {
      const message = newMessage(Told, { orderId }, about);
      await test.database.transaction((transaction) => keepMessages(transaction, replay, [message]));
    }
    expect(await forgetReplays(test.database, LIMITS)).to.equal(1);
    expect(await statuses()).to.deep.equal({ [left]: 'cancelled', [begun]: 'importing' });
    const { rows } = await test.database.query<{ replay_id: string }>({
      text: 'select replay_id from replay_messages',
    });
    expect(rows).to.deep.equal([{ replay_id: begun }]);
  });

  it('keeps nothing of an import that brings more in the moment in which it is ended', async () => {
    const replay = await make(true, 2);
    const about = { correlationId: v7(), causationId: null, producer: 'test', occurredAt: new Date() };
    let forgetting: Promise<number> | undefined;
    await test.database.transaction(async (transaction) => {
      await holdReplay(transaction, replay);
      forgetting = forgetReplays(test.database, LIMITS);
      await until('it waits for the import', () => isWaitedFor(transaction));
      await keepMessages(transaction, replay, [newMessage(Told, { orderId: about.correlationId }, about)]);
    });
    expect(await forgetting).to.equal(1);
    const { rows } = await test.database.query({ text: 'select from replay_messages' });
    expect(rows.length).to.equal(0);
  });

  it('forgets what ended longer ago than messages are kept, and never what is not at its end', async () => {
    const old = await make(false, 500);
    const younger = await make(false, 500);
    const standing = await make(false, 500);
    await end(old, 401);
    await end(younger, 399);
    expect(await forgetReplays(test.database, LIMITS)).to.equal(1);
    expect(await statuses()).to.deep.equal({ [younger]: 'cancelled', [standing]: 'rehearsing' });
  });
});

/** Asked on the connection of the one who is waited for: the other has the only one besides. */
async function isWaitedFor(transaction: Transaction): Promise<boolean> {
  const { rows } = await transaction.query<{ waits: boolean }>({
    text: `select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))) as waits`,
  });
  return rows[0]?.waits ?? false;
}
