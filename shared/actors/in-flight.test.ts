import { expect } from 'chai';
import type { Delivery } from '../rabbitmq/delivery.js';
import { InFlight } from './in-flight.js';

const delivery = (live = true): Delivery => ({
  content: Buffer.alloc(0),
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
});
