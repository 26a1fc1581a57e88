import { expect } from 'chai';
import Type from 'typebox';
import { v7 } from 'uuid';
import { event } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import { keepMessages } from '../../shared/postgres/replay-import.js';
import { listReplays, makeReplay, moveReplay } from '../../shared/postgres/replays.js';
import { forgetReplays } from '../../shared/postgres/retention.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

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
