import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { Deployment } from '../support/deployment.js';
import { type ExtendedProject, projectWith } from '../support/extended-project.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

describe('a worker that a user adds', function () {
  this.timeout(90_000);
  let deployment: Deployment | undefined;
  let project: ExtendedProject;

  before(async () => {
    project = await projectWith('fraud');
  });

  after(async () => {
    await deployment?.stop();
    await project.remove();
  });

  it('takes part in a real run by its folder alone, with its own queue, state and events', async () => {
    expect(await readdir(new URL('../../workers/', import.meta.url))).not.to.include('fraud');
    deployment = await Deployment.start({ dist: project.dist, processes: [['all']] });
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
