import { expect } from 'chai';
import type { Topology } from './topology.js';
import { differencesOf, type LiveTopology } from './topology-plan.js';

const ARGUMENTS = { 'x-queue-type': 'quorum', 'x-delivery-limit': 50 };
const BINDING = { queue: 'payment', exchange: 'orders.routes', routingKey: 'orders.order-placed' };
const BETWEEN = { exchange: 'orders.routes', source: 'orders' };

describe('the difference between declared and live topology', () => {
  const declared: Topology = {
    exchanges: [
      { name: 'orders', type: 'topic' },
      { name: 'orders.routes', type: 'topic' },
    ],
    queues: [{ name: 'payment', arguments: ARGUMENTS }],
    bindings: [BINDING],
    exchangeBindings: [BETWEEN],
  };
  const live = (over: Partial<LiveTopology> = {}): LiveTopology => ({
    exchanges: new Map([
      ['amq.topic', 'topic'],
      ['orders', 'topic'],
      ['orders.routes', 'topic'],
    ]),
    queues: new Map<string, object>([
      ['payment', ARGUMENTS],
      ['somebody-elses', {}],
    ]) as LiveTopology['queues'],
    bindings: [BINDING, { queue: 'payment', exchange: '', routingKey: 'payment' }],
    exchangeBindings: [BETWEEN, { exchange: 'audit', source: 'orders' }],
    ...over,
  });
  const says = (over: Partial<LiveTopology>): string[] =>
    differencesOf(declared, live(over)).map(({ kind, says }) => `${kind}: ${says}`);

  it('is none where all is as declared, whatever else others have there', () => {
    expect(says({})).to.deep.equal([]);
  });

  it('names every argument that differs, those that are declared no more included', () => {
    const queues = new Map([['payment', { 'x-queue-type': 'quorum', 'x-delivery-limit': 20, 'x-max-length': 9 }]]);
    expect(says({ queues })).to.deep.equal([
      'queue-differs: the queue payment differs: x-delivery-limit is 20, declared 50, x-max-length is 9, declared not set',
    ]);
  });

  it('names what is missing and what is of another type', () => {
    const nothing = {
      exchanges: new Map([['orders', 'fanout']]),
      queues: new Map(),
      bindings: [],
      exchangeBindings: [],
    };
    expect(says(nothing)).to.deep.equal([
      'exchange-differs: the exchange orders is fanout, declared topic',
      'exchange-missing: the exchange orders.routes is not there',
      'queue-missing: the queue payment is not there',
      'binding-missing: the binding of payment to orders.routes by orders.order-placed is not there',
      'exchange-binding-missing: the binding of orders.routes to orders is not there',
    ]);
  });

  it('knows a migration that was begun by its temporary queue, with or without the queue itself, and leaves its bindings to it', () => {
    const temporary = [
      { ...BINDING, queue: 'payment.migrating' },
      { queue: 'payment', exchange: 'payment.migrating.back', routingKey: '' },
    ];
    const begun = ['queue-migrating: a migration of the queue payment was begun and not ended'];
    expect(says({ queues: new Map([['payment.migrating', {}]]), bindings: temporary })).to.deep.equal(begun);
    const both = new Map<string, object>([
      ['payment', ARGUMENTS],
      ['payment.migrating', {}],
    ]) as LiveTopology['queues'];
    expect(says({ queues: both, bindings: temporary })).to.deep.equal(begun);
  });

  it('finds queues of actors that there are no more, and bindings that are declared no more, and nothing of others', () => {
    const queues = new Map<string, object>([
      ['payment', ARGUMENTS],
      ['ghost', { 'x-dead-letter-exchange': 'dead-letters', 'x-dead-letter-routing-key': 'ghost' }],
      ['guest', { 'x-dead-letter-exchange': 'dead-letters' }],
    ]) as LiveTopology['queues'];
    const bindings = [
      BINDING,
      { ...BINDING, routingKey: 'orders.order-shut' },
      { ...BINDING, queue: 'ghost' },
      { ...BINDING, queue: 'guest' },
    ];
    expect(says({ queues, bindings })).to.deep.equal([
      'queue-superfluous: the queue ghost is of an actor that there is no more',
      'binding-superfluous: the binding of payment to orders.routes by orders.order-shut is declared no more',
      'binding-superfluous: the binding of ghost to orders.routes by orders.order-placed is declared no more',
    ]);
  });
});
