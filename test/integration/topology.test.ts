import { expect } from 'chai';
import { withConnection } from '../../shared/rabbitmq/own-connection.js';
import { applyTopology } from '../../shared/rabbitmq/topology-apply.js';
import { lockTopology } from '../../shared/rabbitmq/topology-lock.js';
import { queueMigrationPerTest } from '../support/queue-migration-per-test.js';

describe('the topology at a real broker', function () {
  this.timeout(180_000);
  const door = queueMigrationPerTest();
  const { declared, changed, view, hold, apply, kinds, asAdmin } = door;

  it('is told from what is declared, and becomes it: what is missing, and what there is no use for', async () => {
    const empty = await kinds(declared());
    expect([...new Set(empty)]).to.have.members([
      ...['exchange-missing', 'queue-missing', 'binding-missing', 'exchange-binding-missing'],
    ]);
    expect((await apply(declared())).differences).to.deep.equal([]);
    const abandoned = { 'x-dead-letter-exchange': 'dead-letters', 'x-queue-type': 'quorum' };
    await asAdmin(async (channel) => {
      for (const name of ['ghost', 'keeper']) {
        const given = { ...abandoned, 'x-dead-letter-routing-key': name };
        await channel.assertQueue(name, { durable: true, arguments: given });
        await channel.bindQueue(name, 'door.routes', 'door.rang');
      }
      await channel.assertQueue('somebody-elses', { durable: true });
      await channel.bindQueue('porter', 'door.routes', 'door.shut');
      await channel.unbindQueue('porter', 'door.routes', 'door.rang');
      channel.sendToQueue('keeper', Buffer.from('mine'));
    });
    expect(await kinds(declared())).to.have.members([
      ...['queue-superfluous', 'queue-superfluous', 'binding-missing'],
      ...['binding-superfluous', 'binding-superfluous', 'binding-superfluous'],
    ]);
    const applied = await apply(declared());
    expect(applied.differences.map(({ says }) => says)).to.deep.equal([
      'the queue keeper is of an actor that there is no more',
    ]);
    expect(applied.refused).to.have.length(1);
    expect(applied.refused[0]).to.include('1 messages are in it');
    await asAdmin(async (channel) => {
      expect((await channel.checkQueue('keeper')).messageCount).to.equal(1);
      await channel.checkQueue('somebody-elses');
    });
  });

  it('says without a management API what it can, and what it cannot, and migrates nothing', async () => {
    await apply(declared());
    await asAdmin((channel) => channel.deleteQueue('unheard'));
    expect(await kinds(changed(), false)).to.deep.equal(['queue-differs', 'queue-missing']);
    const options = { urls: [door.url], declared: changed(), hold, untilMs: Date.now() + 60_000 };
    const applied = await applyTopology({ ...options, view: { url: door.url, management: undefined } });
    expect(applied.differences.map(({ kind }) => kind)).to.deep.equal(['queue-differs']);
    expect(applied.refused.join()).to.include('RABBITMQ_MANAGEMENT_URL');
    expect(applied.unseen.join()).to.include('bindings');
  });

  it('is left to the next call when the time is over, queue by queue', async () => {
    await apply(declared());
    const over = { urls: [door.url], declared: changed(), view: view(), hold, untilMs: Date.now() };
    const applied = await applyTopology(over);
    expect(applied.waits).to.deep.equal(['the turn of porter']);
    expect(applied.differences.map(({ kind }) => kind)).to.deep.equal(['queue-differs']);
  });

  it('is changed by one at a time', async () => {
    await withConnection([door.url], async (connection) => {
      await lockTopology(connection, 0);
      const failure = await apply(declared()).catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'topology.busy');
    });
    expect((await apply(declared())).differences).to.deep.equal([]);
  });

  it('is not changed under a consumer that cannot be held', async () => {
    await apply(declared());
    const topology = declared();
    const queues = topology.queues.map((queue) =>
      queue.name === 'dead-letters' ? { ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': 30 } } : queue,
    );
    await withConnection([door.url], async (connection) => {
      const channel = await connection.createChannel();
      await channel.consume('dead-letters', () => undefined);
      const applied = await apply({ ...topology, queues });
      expect(applied.refused.join()).to.include('stop the worker dead-letters');
      expect((await channel.checkQueue('dead-letters')).consumerCount).to.equal(1);
    });
    expect((await apply({ ...topology, queues })).differences).to.deep.equal([]);
  });
});
