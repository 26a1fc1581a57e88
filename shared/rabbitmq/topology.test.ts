import { expect } from 'chai';
import { listener } from '../../test/support/listener.js';
import { CRASHES_AT_MOST } from '../actors/suspicion.js';
import { command, event } from '../messaging/contract.js';
import Type from '../messaging/typebox.js';
import { DEAD_LETTERS, RETRY_RUNGS, topologyOf } from './topology.js';

const Baked = event('bakery.bread-baked', 1, Type.Object({}));
const shop = listener('shop', Baked);

describe('the topology', () => {
  const { exchanges, queues, bindings, exchangeBindings } = topologyOf([shop]);
  const argumentsOf = (name: string) => queues.find((queue) => queue.name === name)?.arguments;

  it('has the exchange of an event though its owner is not deployed yet', () => {
    expect(exchanges.map(({ name }) => name)).to.include.members(['bakery', 'bakery.routes', 'shop', DEAD_LETTERS]);
    expect(bindings).to.deep.include({ queue: 'shop', exchange: 'bakery.routes', routingKey: 'bakery.bread-baked' });
    expect(exchangeBindings).to.deep.include({ exchange: 'bakery.routes', source: 'bakery' });
  });

  it('binds no queue to the exchange of an owner itself: it would route while other bindings are yet to be made', () => {
    const owners = exchangeBindings.map(({ source }) => source);
    expect(owners).to.have.members(['bakery', 'shop']);
    for (const { exchange } of bindings) expect(owners).not.to.include(exchange);
  });

  it('loses nothing at the delivery limit: at-least-once needs all three arguments', () => {
    for (const name of ['shop', DEAD_LETTERS]) {
      expect(argumentsOf(name)).to.include({
        'x-queue-type': 'quorum',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      });
      expect(argumentsOf(name)?.['x-delivery-limit']).to.be.a('number');
    }
    expect(argumentsOf('shop')?.['x-dead-letter-exchange']).to.equal(DEAD_LETTERS);
  });

  it('lets nine messages at once kill all the processes they can before the broker gives up those around them', () => {
    expect(argumentsOf('shop')?.['x-delivery-limit']).to.be.above(9 * CRASHES_AT_MOST);
  });

  it('brings a retry back to the queue that its routing key names, after one fixed delay a queue, and takes none that names another', () => {
    for (const { name, delayMs } of RETRY_RUNGS) {
      expect(argumentsOf(name)).to.include({ 'x-message-ttl': delayMs, 'x-dead-letter-exchange': '' });
      expect(argumentsOf(name)).not.to.have.property('x-dead-letter-routing-key');
      expect(bindings.filter(({ exchange }) => exchange === name)).to.deep.equal([
        { queue: name, exchange: name, routingKey: 'shop' },
      ]);
    }
  });

  it('takes an event that nobody listens to and lets it go, but leaves a command that nobody obeys to its sender', () => {
    const Burnt = event('bakery.bread-burnt', 1, Type.Object({}));
    const Bake = command('bakery.bake-bread', 1, Type.Object({}));
    const topology = topologyOf([shop], [Baked, Burnt, Bake]);
    const routed = topology.bindings.filter(({ exchange }) => exchange === 'bakery.routes');
    expect(routed).to.have.deep.members([
      { queue: 'shop', exchange: 'bakery.routes', routingKey: 'bakery.bread-baked' },
      { queue: 'unheard', exchange: 'bakery.routes', routingKey: 'bakery.bread-burnt' },
    ]);
    expect(topology.queues.find(({ name }) => name === 'unheard')?.arguments['x-message-ttl']).to.equal(0);
  });

  it('never dead-letters a queue into itself', () => {
    for (const { name, arguments: queueArguments } of queues) {
      expect(queueArguments['x-dead-letter-routing-key'] ?? '').not.to.equal(name === 'shop' ? undefined : name);
    }
  });
});
