import { expect } from 'chai';
import type { InstanceView } from '../../api/operators/instances/instances-route.js';
import { SignsOfLife } from '../../shared/actors/signs-of-life.js';
import { Database } from '../../shared/postgres/database.js';
import { actorLoads, forgetGoneInstances, type Instance, listInstances } from '../../shared/postgres/instances.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

describe('the processes of a fleet', function () {
  this.timeout(120_000);

  describe('of its own', () => {
    let fleet: Deployment;

    before(async () => {
      fleet = await Deployment.start({
        processes: [
          ['inventory', 'payment'],
          ['orders', 'shipping', 'email'],
          ['relay', 'scheduler', 'dead-letters'],
        ],
        environment: { RELEASE: 'v7' },
      });
    });
    after(() => fleet?.stop());

    const listed = async (): Promise<readonly InstanceView[]> =>
      (await operate(fleet.url, 'GET', '/instances')).body['items'] as InstanceView[];
    const actors = (items: readonly InstanceView[]) => items.flatMap((one) => one.actors);

    it('are listed with what they run, where, since when, in which release, and how much they have handled', async () => {
      const shop = new Storefront(fleet);
      const order = await shop.place();
      await shop.reached(order, 'SHIPPED');
      const items = await until('all have told of the order', async () => {
        const now = await listed();
        const told = actors(now).filter(({ handled, inFlight }) => handled > 0 && inFlight === 0);
        return told.length === 5 && now;
      });
      expect(items.map(({ kind }) => kind)).to.deep.equal([
        'inventory+payment',
        'orders+shipping+email',
        'relay+scheduler+dead-letters',
        'web',
      ]);
      for (const { kind, pid, release, gone, silentMs, loopDelayMs, host, startedAt } of items) {
        const script = kind === 'web' ? 'api/start.js' : `workers/start.js ${kind.replaceAll('+', ' ')}`;
        expect(pid).to.equal(fleet.running.find(({ name }) => name === script)?.child.pid);
        expect({ release, gone, host: host !== '' }).to.deep.equal({ release: 'v7', gone: false, host: true });
        expect(silentMs).to.be.below(10_000);
        expect(loopDelayMs).to.be.within(0, 60_000);
        expect(Date.now() - Date.parse(String(startedAt))).to.be.within(0, 120_000);
      }
    });

    it('are gone from the list when they end in order, and shown as gone when they are killed', async () => {
      const before = (await listed()).length;
      const [ended, killed] = [await fleet.startWorkers(['inventory']), await fleet.startWorkers(['payment'])];
      const gone = async (): Promise<readonly string[]> =>
        (await listed()).filter((one) => one.gone).map(({ kind }) => kind);
      await until('both are listed', async () => (await listed()).length === before + 2);
      await fleet.end(ended, 'SIGTERM');
      expect((await listed()).filter(({ kind }) => kind === 'inventory')).to.deep.equal([]);
      await fleet.end(killed, 'SIGKILL');
      expect(await gone()).to.deep.equal([]);
      await ageBy('61 seconds', killed.child.pid);
      expect(await gone()).to.deep.equal(['payment']);
      await ageBy('1 day', killed.child.pid);
      expect(await forgetGoneInstances(fleet.database.database)).to.equal(1);
      expect(await listed()).to.have.length(before);
    });

    const ageBy = (interval: string, pid: number | undefined): Promise<unknown> =>
      fleet.database.database.query({
        text: 'update instances set seen_at = seen_at - $1::interval where pid = $2',
        values: [interval, pid],
      });
  });

  describe('on a database', () => {
    const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined };
    let store: TestDatabase;

    beforeEach(async () => {
      store = await createDatabase();
    });
    afterEach(() => store.close());

    const only = async (): Promise<Instance | undefined> => (await listInstances(store.database))[0];

    it('tell how much a second each actor handles, which all that have shown life lately make together', async () => {
      const load = { inFlight: 3, handled: 0 };
      const parts = { database: store.database, release: 'test', log: quiet, everyMs: 100 };
      const actors = new Map([['payment', { load }]]);
      const [one, other] = ['payment', 'all'].map((kind) => new SignsOfLife({ ...parts, kind, actors }));
      const timer = setInterval(() => {
        load.handled += 1;
      }, 10);
      try {
        const [both] = await until('both tell', async () => {
          const loads = await actorLoads(store.database);
          return loads[0]?.processes === 2 && loads[0].perSecond > 50 && loads;
        });
        expect(both).to.include({ actor: 'payment', inFlight: 6 });
        // A hundred a second each, as far as a busy machine lets a timer come.
        expect(both?.perSecond).to.be.within(50, 300);
      } finally {
        clearInterval(timer);
        await Promise.all([one?.stop(), other?.stop()]);
      }
      expect(await listInstances(store.database)).to.deep.equal([]);
    });

    it('are counted with what they said last for as long only as they show life', async () => {
      const life = new SignsOfLife({
        ...{ kind: 'payment', database: store.database, release: 'test', log: quiet, everyMs: 60_000 },
        actors: new Map([['payment', { load: { inFlight: 1, handled: 5 } }]]),
      });
      await until('it is noted', async () => (await actorLoads(store.database)).length === 1);
      await store.database.query({ text: `update instances set seen_at = now() - interval '16 s'` });
      expect(await actorLoads(store.database)).to.deep.equal([]);
      expect(await only()).to.include({ gone: false });
      await life.stop();
    });

    it('are silent while PostgreSQL is away, fail at nothing, tell again when it is back, and end without it', async () => {
      const proxy = await CuttableProxy.start(store.url, 5432);
      const database = new Database({ url: proxy.inFrontOf(store.url), connections: 1, applicationName: 'test' });
      const told: unknown[] = [];
      const failed: unknown[] = [];
      const note = (error: unknown): void => void failed.push(error);
      const log = { debug: (fields: unknown) => told.push(fields), info: note, warn: note };
      process.on('unhandledRejection', note);
      try {
        const life = new SignsOfLife({ kind: 'web', database, release: 'test', log, everyMs: 50 });
        await until('it is noted', async () => (await only()) !== undefined);
        proxy.cut();
        await until('it cannot tell', () => told.length > 0);
        const { seenAt } = (await only()) ?? {};
        proxy.mend();
        await until('it tells again', async () => ((await only())?.seenAt ?? 0) > (seenAt ?? 0));
        proxy.cut();
        const begun = performance.now();
        await life.stop();
        expect(performance.now() - begun).to.be.below(3000);
        expect(failed).to.deep.equal([]);
      } finally {
        process.off('unhandledRejection', note);
        await proxy.close();
        await database.close();
      }
    });
  });
});
