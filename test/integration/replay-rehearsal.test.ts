import { expect } from 'chai';
import { v7 } from 'uuid';
import { newMessage } from '../../shared/messaging/message.js';
import { NOTHING_REHEARSED } from '../../shared/postgres/replay-rehearsal.js';
import type { ReplayWanted } from '../../shared/postgres/replays.js';
import { Thank } from '../support/deposit-taking-actors.js';
import { replaysPerTest } from '../support/replays-per-test.js';

describe('a replay, before it is started', () => {
  const shop = replaysPerTest();
  const { order, from, started, worksOnReplays, rows, deposit, history, made, reached, move, totals } = shop;

  it('is rehearsed first: what each decision would come to, one after the other, and nothing of it stays', async () => {
    const [first, second] = [deposit(5), deposit(7)];
    const odd = { ...deposit(1), body: '{"pence":"many"}' };
    const thank = newMessage(Thank, { pence: 5 }, from);
    await history(first, second, odd, thank, deposit(13));
    await rows(`insert into accounts values ('${order}', 100, 1)`);
    shop.till.broken = 13;
    worksOnReplays(await started([shop.till]));
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
    expect(shop.till.thanked).to.deep.equal([]);
  });

  it('is rehearsed with what only the database refuses, and one that it refuses harms no other', async () => {
    await rows('alter table accounts add constraint not_so_much check (total < 1000)');
    const messages = [deposit(5), deposit(5000), deposit(7), deposit(11)];
    await history(...messages);
    worksOnReplays(await started([shop.till]));
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

  it('means the types, the order and the time that it was asked for', async () => {
    worksOnReplays(await started([shop.till]));
    const [early, late, other] = [deposit(1), deposit(2), deposit(4, v7())];
    await history(early, late, other, newMessage(Thank, { pence: 8 }, from));
    const totalOf = async (wanted: Partial<ReplayWanted>): Promise<number | undefined> =>
      (await reached(await made(wanted), 'rehearsed')).rehearsal?.total;
    expect(await totalOf({ types: 'till.dep*' })).to.equal(3);
    expect(await totalOf({ order })).to.equal(3);
    expect(await totalOf({ order, types: 'till.deposit' })).to.equal(2);
    expect(await totalOf({ fromId: late.id, untilId: other.id })).to.equal(1);
  });

  it('says which messages are older than the inbox, and sends them', async () => {
    worksOnReplays(await started([shop.till]));
    const old = { ...deposit(9), id: v7({ msecs: Date.parse('2026-01-01') }) };
    await history(old, deposit(1));
    const id = await made();
    expect((await reached(id, 'rehearsed')).rehearsal).to.include({ toSend: 2, forgotten: 1 });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.include({ sent: 2 });
    expect(await totals()).to.deep.equal([10]);
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
    worksOnReplays(await started([shop.till]));
    const { rehearsal } = await reached(id, 'rehearsed');
    expect(rehearsal).to.deep.include({ total: 2, toSend: 2, decisions: 2, types: { 'till.deposit': 2 } });
  });
});
