import { expect } from 'chai';
import type { Delivery } from '../rabbitmq/delivery.js';
import { InFlight } from './in-flight.js';

/** A quarter of the room. */
const QUARTER = 512 * 1024;

const delivery = (live = true, bytes = 0): Delivery => ({
  content: Buffer.alloc(bytes),
  routingKey: 'a.b',
  redelivered: false,
  messageId: undefined,
  correlationId: undefined,
  type: undefined,
  headers: {},
  ack: () => undefined,
  requeue: () => undefined,
  live,
});

describe('messages in flight', () => {
  it('are handled by one delivery at a time: a second waits for the first to be settled', () => {
    const inFlight = new InFlight('test');
    const second = delivery();
    expect(inFlight.admit('one', delivery())).to.equal(true);
    expect(inFlight.admit('one', second)).to.equal(false);
    expect(inFlight.admit('other', delivery())).to.equal(true);
    expect(inFlight.settle('one')).to.deep.equal([second]);
    expect(inFlight.admit('one', second)).to.equal(true);
  });

  it('keep no delivery of a connection that is gone', () => {
    const inFlight = new InFlight('test');
    inFlight.admit('one', delivery());
    for (let again = 0; again < 10; again++) inFlight.admit('one', delivery(false));
    const last = delivery();
    inFlight.admit('one', last);
    expect(inFlight.settle('one')).to.deep.equal([last]);
  });
  it('leave room until they are 2 MiB, and again when one of them is settled', async () => {
    const inFlight = new InFlight('test');
    expect(await inFlight.room()).to.equal(4 * QUARTER);
    inFlight.admit('one', delivery(true, 3 * QUARTER));
    expect(await inFlight.room()).to.equal(QUARTER);
    inFlight.admit('other', delivery(true, 3 * QUARTER));
    let room: number | undefined;
    const waiting = inFlight.room().then((bytes) => {
      room = bytes;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(room).to.equal(undefined);
    inFlight.settle('one');
    await waiting;
    expect(room).to.equal(QUARTER);
  });

  it('count a message once, however often it is delivered', async () => {
    const inFlight = new InFlight('test');
    inFlight.admit('one', delivery(true, QUARTER));
    inFlight.admit('one', delivery(true, QUARTER));
    expect(await inFlight.room()).to.equal(3 * QUARTER);
    inFlight.settle('one');
    expect(await inFlight.room()).to.equal(4 * QUARTER);
  });
});
