import { expect } from 'chai';
import { v7 } from 'uuid';
import { heldLetterOf } from '../../shared/actors/dead-letter.js';
import type { Message } from '../../shared/messaging/message.js';
import { encode } from '../../shared/messaging/wire.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { leaseRedrives, markSent } from '../../shared/postgres/redrives.js';
import { deadLettersPerTest } from '../support/dead-letters-per-test.js';
import { broken, PorterActor } from '../support/note-taking-actors.js';
import { until } from '../support/until.js';

describe('dead letters of one order', () => {
  const { started, lookAfter, rows, note, notes, noteds, standing, letterOf, change, redrive } = deadLettersPerTest();

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
      fileDeadLetters(transaction, [], [heldLetterOf(encode(message), { actor: 'clerk', release: 'r1' })]);
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
});
