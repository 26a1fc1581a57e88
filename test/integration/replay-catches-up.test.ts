import { once } from 'node:events';
import { expect } from 'chai';
import { manage } from '../support/broker.js';
import { Deployment } from '../support/deployment.js';
import { type ExtendedProject, projectWith } from '../support/extended-project.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const ORDERS = 12;
/** All that a shop needs, without the worker that is added. */
const SHOP = ['orders', 'inventory', 'payment', 'shipping', 'email', 'relay', 'scheduler', 'dead-letters'];

describe('a worker that is added later', function () {
  this.timeout(180_000);
  let fleet: Deployment | undefined;
  let project: ExtendedProject;

  before(async () => {
    project = await projectWith('fraud');
  });
  after(async () => {
    await fleet?.stop();
    await project.remove();
  });

  it('catches up with history by a replay, each message once, though its process is killed while it sends', async () => {
    const deployed = await Deployment.start({ dist: project.dist, processes: [SHOP] });
    fleet = deployed;
    const shop = new Storefront(deployed);
    const orders: string[] = [];
    for (let count = 0; count < ORDERS; count++) orders.push(await shop.place());
    // As if its queue had not been there: the release step of this test has made it before the orders came.
    const vhost = new URL(deployed.brokerUrl).pathname.slice(1);
    const { database } = deployed.database;
    await until(
      'nothing is to be sent',
      async () => (await database.query({ text: 'select 1 from outbox' })).rowCount === 0,
    );
    await manage('DELETE', `/api/queues/${vhost}/fraud/contents`);
    const warren = async (...args: string[]): Promise<{ code: number | null; output: string }> => {
      const { child, output } = deployed.spawn('scripts/warren.js', args, { WARREN_URL: deployed.url });
      await once(child, 'close');
      return { code: child.exitCode, output: output() };
    };
    const scored = async (): Promise<number> => (await database.query({ text: 'select 1 from fraud_scores' })).rowCount;

    const doomed = await deployed.startWorkers(['fraud'], { FAILPOINT: 'replay-confirmed@2' });
    const asked = ['--to', 'fraud', '--from', '2026-01-01', '--rate', '3', '--reason', 'fraud is new'];
    const rehearsed = await warren('replay', ...asked);
    expect(rehearsed.code, rehearsed.output).to.equal(0);
    expect(rehearsed.output)
      .to.include(`${ORDERS} would be sent`)
      .and.include('new fraud_scores')
      .and.include(`${ORDERS} fraud.order-scored`);
    expect(await scored()).to.equal(0);
    const [, replay = ''] = /warren replays start (\S+)/.exec(rehearsed.output) ?? [];
    expect((await warren('replays', 'start', replay, '--reason', 'fraud is new')).code).to.equal(0);
    await until('it is killed', () => doomed.child.signalCode === 'SIGKILL');
    await deployed.startWorkers(['fraud']);
    await until(
      'it is finished',
      async () => (await warren('replays', 'show', replay)).output.includes('finished'),
      60_000,
    );
    expect(await scored()).to.equal(ORDERS);
    const { rows } = await database.query<{ count: number }>({
      text: "select count(*) as count from event_log where type = 'fraud.order-scored'",
    });
    expect(rows).to.deep.equal([{ count: ORDERS }]);
    const again = await warren('replay', ...asked);
    expect([again.code, again.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.includes(`${ORDERS} are handled by fraud already`),
    );
  });
});
