import { expect } from 'chai';
import { v7 } from 'uuid';
import { newMessage } from '../../shared/messaging/message.js';
import { findReplay } from '../../shared/postgres/replays.js';
import { Thank } from '../support/deposit-taking-actors.js';
import { replaysPerTest } from '../support/replays-per-test.js';
import { until } from '../support/until.js';

describe('a replay', () => {
  const shop = replaysPerTest();
  const { from, started, worksOnReplays, rows, deposit, history, made, reached, move, totals } = shop;

  it('goes to its actor and to no other, leaves out what was handled and effects, and counts them', async () => {
    const fleet = await started([shop.till, shop.auditor]);
    worksOnReplays(fleet);
    const handled = deposit(1);
    await history(handled);
    await fleet.send(handled);
    await until('one is handled', async () => (await totals())[0] === 1);
    await until('the other has heard it', () => shop.auditor.heard.length === 1);
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
    expect([shop.auditor.heard, shop.till.thanked]).to.deep.equal([[1], []]);
  });

  it('is not sent by a process whose release does not take what was rehearsed', async () => {
    worksOnReplays(await started([shop.till]));
    await history(deposit(1));
    const id = await made();
    await reached(id, 'rehearsed');
    await rows(
      `update replays set rehearsal = jsonb_set(rehearsal, '{types}', '{"till.deposit": 1, "till.withdraw": 1}')`,
    );
    await move(id, 'rehearsed', 'running');
    const troubled = await until('it says so', async () => {
      const replay = await findReplay(shop.database, id);
      return replay?.trouble === null ? undefined : replay;
    });
    expect(troubled?.trouble).to.equal(
      'release test does not take till.withdraw; a process of release test has to go on',
    );
    expect(troubled).to.include({ sent: 0, status: 'running' });
  });

  it('sends effects when they are asked for', async () => {
    worksOnReplays(await started([shop.till]));
    await history(newMessage(Thank, { pence: 3 }, from));
    const id = await made({ effects: true });
    expect((await reached(id, 'rehearsed')).rehearsal).to.deep.include({ effects: 1, effectsOff: 0, decisions: 0 });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.include({ sent: 1 });
    expect(shop.till.thanked).to.deep.equal([3]);
  });

  it('refuses what has a dead letter, and counts what becomes one', async () => {
    const fleet = await started([shop.till]);
    worksOnReplays(fleet);
    const [lost, failing] = [deposit(13), deposit(13, v7())];
    await history(lost, failing);
    shop.till.broken = 13;
    await fleet.send(lost);
    await until('it is a dead letter', async () => (await rows('select from dead_letters')).length === 1);
    const id = await made();
    const { rehearsal } = await reached(id, 'rehearsed');
    expect(rehearsal).to.deep.include({ total: 2, deadLetters: 1, toSend: 1, fails: { 'till.broken': 1 } });
    await move(id, 'rehearsed', 'running');
    expect(await reached(id, 'finished')).to.deep.include({ sent: 1, refused: 1, failed: 1, inFlight: [] });
    expect(await rows('select occurrences from dead_letters')).to.deep.equal([{ occurrences: 1 }, { occurrences: 1 }]);
  });

  it('keeps its rate, is paused and resumed, and ends where it is cancelled', async () => {
    worksOnReplays(await started([shop.till]));
    await history(...Array.from({ length: 40 }, () => deposit(1, v7())));
    const id = await made({ perSecond: 10 });
    await reached(id, 'rehearsed');
    const began = performance.now();
    await move(id, 'rehearsed', 'running');
    const sent = async (): Promise<number> => (await findReplay(shop.database, id))?.sent ?? 0;
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
    const replay = await findReplay(shop.database, id);
    expect(replay?.finishedAt).to.be.instanceOf(Date);
    expect(await move(id, 'paused', 'running')).to.equal(undefined);
    expect((await totals()).length).to.be.below(40);
  });

  it('goes on without a gap when the process dies that sent and did not note it, and has each effect once', async () => {
    const fleet = await started([shop.till]);
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

  it('says what keeps it from sending, and goes on when that is mended', async () => {
    const fleet = await started([shop.auditor]);
    await history(deposit(2));
    const id = await made();
    worksOnReplays(fleet);
    await reached(id, 'rehearsed');
    await move(id, 'rehearsed', 'running');
    const troubled = await until('it is in trouble', async () => {
      const replay = await findReplay(shop.database, id);
      return replay?.trouble === null ? undefined : replay;
    });
    expect(troubled).to.deep.include({
      trouble: 'there is no queue till: run the release step',
      sent: 0,
      position: null,
    });
    await started([shop.till]);
    expect(await reached(id, 'finished')).to.include({ sent: 1, trouble: null });
    expect(await totals()).to.deep.equal([2]);
  });
});
