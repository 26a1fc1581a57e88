import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { pauseQueue, queueSettings } from '../../shared/postgres/queue-settings.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { ADA, queueMigrationPerTest } from '../support/queue-migration-per-test.js';
import { until } from '../support/until.js';

const PUBLISH_EVERY_MS = 20;

describe('the topology of a fleet at work', function () {
  this.timeout(180_000);
  const door = queueMigrationPerTest();
  const { changed, apply, kinds, ready, message, handled, run } = door;

  it('gets a queue anew without loss, whoever dies at whichever step', async () => {
    const { send } = await run().then((running) => ({ send: running.send.bind(running) }));
    let sent = 0;
    let publishing = true;
    const publish = (async () => {
      while (publishing) {
        await send(...Array.from({ length: 5 }, message));
        sent += 5;
        // As fast as it can, it would pile up more than is handled in the time that the test has.
        await pause(PUBLISH_EVERY_MS);
      }
    })();
    try {
      for (const at of [
        'holds',
        'leads',
        'moves',
        'deletes porter',
        'declares',
        'lets',
        'moves',
        'deletes porter.mig',
      ]) {
        const before = sent;
        const killed = await apply(changed(), (says) => {
          if (says.startsWith(at)) throw new Error(`killed before it ${says}`);
        }).catch((error: unknown) => String(error));
        expect(killed, `${at}: ${JSON.stringify(killed)}`).to.include('killed before');
        await until('publishers go on', () => sent > before);
      }
      const applied = await apply(changed());
      expect([applied.waits, applied.refused, applied.differences]).to.deep.equal([[], [], []]);
    } finally {
      publishing = false;
      await publish;
    }
    await until('all are handled', async () => (await handled()) === sent, 60_000);
    expect(await kinds(changed())).to.deep.equal([]);
    expect((await queueSettings(door.database, ['porter'])).get('porter')?.paused).to.equal(null);
    const { rows } = await door.database.query<{ n: number }>({
      text: 'select count(*)::integer as n from dead_letters',
    });
    expect(rows[0]?.n).to.equal(0);
  });

  it('keeps what is on its way from one queue to the other when the connection breaks', async () => {
    const running = await run();
    const proxy = await CuttableProxy.start(door.url, 5672);
    try {
      await door.database.transaction((transaction) => pauseQueue(transaction, 'porter', ADA));
      await until('it is paused', () => !running.subscribed);
      const count = 3000;
      for (let sent = 0; sent < count; sent += 500) await running.send(...Array.from({ length: 500 }, message));
      const cut = apply(changed(), undefined, proxy.inFrontOf(door.url)).catch((error: unknown) => error);
      await until('some are moved', async () => {
        const there = await ready('porter.migrating');
        return there > 0 && there < count;
      });
      proxy.cut();
      expect(await cut).to.be.instanceOf(Error);
      expect((await apply(changed())).differences).to.deep.equal([]);
      await until('all are handled', async () => (await handled()) === count, 60_000);
    } finally {
      await proxy.close();
    }
  });
});
