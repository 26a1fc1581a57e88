import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const compiled = new URL('../../', import.meta.url);
// Beside the real one, so that the dependencies are found; the project's own files are not touched.
const extended = new URL('../.local/with-fraud/dist/', compiled);

describe('a worker that a user adds', function () {
  this.timeout(90_000);
  let deployment: Deployment | undefined;

  before(async () => {
    await rm(extended, { recursive: true, force: true });
    await mkdir(extended, { recursive: true });
    for (const folder of ['api', 'config', 'migrations', 'sandbox', 'scripts', 'shared', 'workers']) {
      await cp(new URL(folder, compiled), new URL(folder, extended), { recursive: true });
    }
    await cp(new URL('test/fraud', compiled), new URL('workers/fraud', extended), { recursive: true });
  });

  after(async () => {
    await deployment?.stop();
    await rm(extended, { recursive: true, force: true });
  });

  it('takes part in a real run by its folder alone, with its own queue, state and events', async () => {
    expect(await readdir(new URL('workers/', compiled))).not.to.include('fraud');
    deployment = await Deployment.start({ dist: fileURLToPath(extended), processes: [['all']] });
    const shop = new Storefront(deployment);
    const id = await shop.place({ quantity: 3 });
    await shop.reached(id, 'SHIPPED');
    const { database } = deployment.database;
    const score = await until('the order is scored', async () => {
      const { rows } = await database.query<{ score: number }>({
        text: 'select score from fraud_scores where order_id = $1',
        values: [id],
      });
      return rows[0]?.score;
    });
    expect(score).to.equal(10);
    const { rows } = await database.query<{ payload: unknown }>({
      text: "select payload from event_log where type = 'fraud.order-scored' and correlation_id = $1",
      values: [id],
    });
    expect(rows.map(({ payload }) => payload)).to.deep.equal([{ orderId: id, score: 10 }]);
    const { timeline } = await shop.order(id);
    expect(timeline.map(({ type }) => type)).to.include('fraud.order-scored');
    await until('what nobody listens to leaves the outbox as well', async () => {
      const { rows: unsent } = await database.query({ text: 'select 1 from outbox' });
      return unsent.length === 0;
    });
  });
});
