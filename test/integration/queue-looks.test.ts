import { expect } from 'chai';
import { createLogger } from '../../shared/observability/log.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { BrokerSilent, QueueLooks } from '../../shared/rabbitmq/queue-looks.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { until } from '../support/until.js';

describe('a look at the queues', () => {
  let broker: TestBroker;
  const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

  before(async () => {
    broker = await createBroker();
    await declareTopology([broker.url], topologyOf([]));
  });
  after(() => broker.close());

  it('tells of those that are there, leaves the missing ones out, and can be repeated', async () => {
    const connection = new BrokerConnection([broker.url], 'test looks', log);
    const looks = new QueueLooks(connection);
    connection.open();
    try {
      await until('it is connected', () => connection.connected);
      const names = ['missing', 'dead-letters', 'missing-too', 'retry.1s', 'missing-at-last'];
      for (let round = 0; round < 2; round++) {
        const seen = await looks.look(names);
        expect([...seen]).to.deep.equal([
          ['dead-letters', { ready: 0, consumers: 0 }],
          ['retry.1s', { ready: 0, consumers: 0 }],
        ]);
      }
    } finally {
      await connection.close();
    }
  });

  it('says that the broker is silent while it is away', async () => {
    const looks = new QueueLooks(new BrokerConnection(['amqp://127.0.0.1:1'], 'test looks', log));
    const error = await looks.look(['dead-letters']).catch((error: unknown) => error);
    expect(error).to.be.instanceOf(BrokerSilent);
  });
});
