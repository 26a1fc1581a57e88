import { connect } from 'amqplib';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { giveBack } from '../../shared/actors/failed-delivery.js';
import { editMessage } from '../../shared/messaging/edit.js';
import { encode } from '../../shared/messaging/wire.js';
import { discardLetters, replaceLetter } from '../../shared/postgres/dead-letter-changes.js';
import { makeJob } from '../../shared/postgres/redrive-jobs.js';
import { leaseRedrives, settleRedriven } from '../../shared/postgres/redrives.js';
import { sendRedrives } from '../../workers/dead-letters/redrive.js';
import { redrivePacket } from '../../workers/dead-letters/redrive-packet.js';
import { deadLettersPerTest } from '../support/dead-letters-per-test.js';
import { declaredActor } from '../support/declared-actor.js';
import { broken, ClerkActor, Note, PorterActor } from '../support/note-taking-actors.js';
import { until } from '../support/until.js';

describe('dead letters', () => {
  const desk = deadLettersPerTest();
  const { started, lookAfter, rows, note, notes, noteds, standing, redrive } = desk;

  it('are redriven under their id to the actor that failed and to no other, as a first attempt', async () => {
    const other = new PorterActor();
    const fleet = desk.newFleet();
    await fleet.run([new ClerkActor(), other]);
    lookAfter(fleet);
    broken.add(1);
    const message = note(1, v7());
    await fleet.send({ ...encode(message), exchange: '', routingKey: 'clerk' });
    await standing('open');
    broken.clear();
    await redrive(await desk.letterOf(message));
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
    await redrive(await desk.letterOf(message));
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

  it('are discarded with a reason: the next of the order follows, and a late copy has no effect', async () => {
    const fleet = await started();
    lookAfter(fleet);
    broken.add(1);
    const order = v7();
    const message = note(1, order);
    await fleet.send(message, note(2, order));
    await standing('open', 'held');
    broken.clear();
    expect(await desk.change((transaction) => discardLetters(transaction, { order }, desk.author))).to.equal(1);
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
    const id = await desk.letterOf(message);
    const before = { messageId: message.id, headers: encode(message).headers };
    const edited = editMessage(before, { contract: Note, payload: { n: 7 }, messageId: v7() });
    const replacement = await desk.change((transaction) =>
      replaceLetter(transaction, { id, edited, author: desk.author }),
    );
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
    const again = await desk
      .change((transaction) => replaceLetter(transaction, { id, edited, author: desk.author }))
      .catch((error: unknown) => error);
    expect(again).to.have.property('code', 'dead-letter.status');
  });

  it('go by the queue when PostgreSQL refuses to file them, and are filed from there', async () => {
    await rows("alter table dead_letters add constraint refused check (error_code <> 'desk.broken')");
    const fleet = await started();
    broken.add(1);
    await fleet.send(note(1, v7()), note(10, v7()));
    await noteds(10);
    expect(await desk.statuses()).to.deep.equal([]);
    lookAfter(fleet);
    await rows('alter table dead_letters drop constraint refused');
    await standing('open');
    expect(await rows('select road, error_code from dead_letters')).to.deep.equal([
      { road: 'runtime', error_code: 'desk.broken' },
    ]);
  });

  it('are made at once of another message under the id of one that was handled, by decision or by effect', async () => {
    for (const actor of [new ClerkActor(), new PorterActor()]) {
      const fleet = await started(actor);
      const handled = await fleet.publish(Note, { n: 1 }, v7());
      await until('it is handled', async () => (await notes()).length === 1);
      await fleet.send(handled, { ...handled, body: '{"n":2,"more":1e400000}' });
      const [letter] = await until('a letter is filed', async () => {
        const found = await rows<{ error_code: string; body: string }>('select error_code, body from dead_letters');
        return found.length > 0 ? found : undefined;
      });
      expect(letter).to.deep.equal({ error_code: 'message.id-reused', body: '{"n":2,"more":1e400000}' });
      await fleet.send(handled);
      await fleet.send(note(3, v7()));
      await noteds(1, 3);
      expect((await rows('select 1 from inbox')).length).to.equal(2);
      await desk.stop(fleet);
      await rows('truncate inbox, dead_letters, notes, folders, event_log, outbox');
    }
  });

  it('are sent again by nobody and nothing when they came under another name, or expired', async () => {
    await desk.stop(await started());
    const connection = await connect(desk.brokerUrl);
    const channel = await connection.createConfirmChannel();
    const forged = { 'warren-error-code': 'message.unknown-type', 'warren-release': 'r0', BCC: ['desk.note'] };
    const hop = { queue: 'clerk', reason: 'expired', 'routing-keys': ['desk.note'], exchange: 'desk' };
    // Before 4.0 the broker only counts up what a publisher says about the same queue and reason.
    const order = v7();
    for (const headers of [forged, { ...forged, 'x-death': [hop] }]) {
      const { id: messageId, body, type } = note(1, v7());
      const properties = { messageId, correlationId: order, type, headers, expiration: '1' };
      channel.publish('desk', 'desk.other', Buffer.from(body), properties);
    }
    await channel.waitForConfirms();
    await connection.close();
    const looking = desk.newFleet();
    looking.parts.consuming.open();
    lookAfter(looking);
    lookAfter(desk.newFleet());
    await standing('open', 'open');
    const letters = await rows<{ id: string; code: string }>('select id, error_code as code from dead_letters');
    for (const { id, code } of letters) {
      expect(code).to.be.oneOf(['message.wrong-address', 'broker.expired']);
      const replacing = { id, edited: { messageId: v7(), body: '{"n":1}', headers: {} }, author: desk.author };
      for (const changing of [redrive(id), desk.change((transaction) => replaceLetter(transaction, replacing))])
        expect(await changing.catch((error: unknown) => error)).to.have.property('code', 'dead-letter.unaddressed');
    }
    expect(letters.map(({ code }) => code)).to.include('message.wrong-address');
    expect(await makeJob(desk.database, {}, { ...desk.author, perSecond: 50 })).to.equal(undefined);
    const fleet = await started(new ClerkActor(), 'r2');
    expect(await rows('select from inbox')).to.deep.equal([]);
    // And hold up nothing of the order that they name.
    await fleet.publish(Note, { n: 2 }, order);
    await noteds(2);
    expect(await desk.change((transaction) => discardLetters(transaction, {}, desk.author))).to.equal(2);
    expect(await rows('select from inbox')).to.have.length(1);
  });

  it('are made of what came under another name, where it would be given back under that of its actor', async () => {
    const fleet = await started();
    const message = note(1, v7());
    let acks = 0;
    const delivery = {
      ...encode(message),
      ...{ routingKey: 'desk.other', redelivered: true, live: true, ack: () => ++acks, requeue: () => undefined },
    };
    const { definition: actor } = declaredActor(new ClerkActor());
    const stopping = new AbortController().signal;
    await giveBack(delivery, { ...fleet.parts, actor, stopping, pause: () => Promise.resolve() });
    expect(await rows('select error_code as code from dead_letters')).to.deep.equal([
      { code: 'message.wrong-address' },
    ]);
    expect(acks).to.equal(1);
  });
});
