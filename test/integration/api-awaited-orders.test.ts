import { request } from 'node:http';
import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import type { Statement } from '../../shared/postgres/database.js';
import { type Answer, TestIntake } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { ObservedDatabase } from '../support/observed-database.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

/** Far more than requests may be under way; of one storefront half of them. */
const AWAITED_AT_MOST = 600;
const OF_ONE = AWAITED_AT_MOST / 2;
const REQUESTS = 10;

/** Counts the looks at orders that are waited for, and cannot take them while it is told so. */
class WatchedDatabase extends ObservedDatabase {
  looks = 0;
  blind = false;

  protected override async look({ name }: Statement): Promise<void> {
    if (name !== 'orders-decided') return;
    this.looks += 1;
    if (this.blind) throw new Error('blind');
  }
}

describe('an order that is waited for', () => {
  let database: WatchedDatabase;
  let databaseUrl: string;
  const web = intakePerTest((url) => {
    databaseUrl = url;
    database = new WatchedDatabase({ url, connections: 2, applicationName: 'warren test web' });
    return { database, awaitedAtMost: AWAITED_AT_MOST, limits: { requests: REQUESTS } };
  });
  beforeEach(() => stockCatalogue(web.database));

  const place = (prefer: string | undefined, key = v7()): Promise<Answer> =>
    web.intake.call('POST', '/orders', {
      headers: { 'idempotency-key': key, ...(prefer === undefined ? {} : { prefer }) },
      body: orderBody,
    });
  const awaited = async (): Promise<number> =>
    Number(/^warren_orders_awaited (\d+)$/m.exec(await register.metrics())?.[1]);
  const areAwaited = (count: number) => until(`${count} are waited for`, async () => (await awaited()) === count);
  const become = (status: string) => web.database.query({ text: 'update orders set status = $1', values: [status] });
  const took = async <T>(work: Promise<T>): Promise<{ readonly answer: T; readonly ms: number }> => {
    const begunAt = performance.now();
    return { answer: await work, ms: performance.now() - begunAt };
  };

  for (const status of ['CONFIRMED', 'PAID', 'SHIPPED', 'CANCELLED']) {
    it(`is answered with 201 and as it is read when it is ${status}, long before the wait is over`, async () => {
      const placing = took(place('wait=25'));
      await areAwaited(1);
      await become('CANCELLING');
      await become(status);
      const { answer, ms } = await placing;
      expect([answer.status, answer.body['status']]).to.deep.equal([201, status]);
      expect(ms).to.be.below(10_000);
      expect(answer.headers.get('preference-applied')).to.equal('wait=25');
      const location = String(answer.headers.get('location'));
      expect(location).to.equal(`/orders/${answer.body['orderId']}`);
      expect((await web.intake.call('GET', location)).body).to.deep.equal(answer.body);
      expect(await awaited()).to.equal(0);
    });
  }

  it('is answered with 202 when the wait is over, and not before', async () => {
    const { answer, ms } = await took(place('respond-async, wait=1'));
    expect([answer.status, answer.body['status']]).to.deep.equal([202, 'INITIATED']);
    expect(ms).to.be.within(950, 10_000);
    expect(answer.headers.get('preference-applied')).to.equal('respond-async, wait=1');
  });

  it('is not waited for without a wait that can be understood', async () => {
    for (const [prefer, applied] of [
      [undefined, null],
      ['respond-async', 'respond-async'],
      ['wait=long, wait=20', null],
      ['return=minimal, foo', null],
      ['wait=0', 'wait=0'],
    ] as const) {
      const answer = await place(prefer);
      expect([answer.status, answer.headers.get('preference-applied')], prefer).to.deep.equal([202, applied]);
    }
    expect(database.looks).to.equal(0);
  });

  it('is waited for 25 seconds at most, and the answer says so', async () => {
    const placing = place('wait=3600');
    await areAwaited(1);
    await become('CONFIRMED');
    expect((await placing).headers.get('preference-applied')).to.equal('wait=25');
  });

  it('is the same for a repeated request, which waits as well and is told that it is one', async () => {
    const placing = place('wait=25', 'one');
    await areAwaited(1);
    const repeating = place('WAIT=20', 'one');
    await areAwaited(2);
    await become('CONFIRMED');
    const [placed, repeated] = await Promise.all([placing, repeating]);
    expect([placed.status, repeated.status]).to.deep.equal([201, 201]);
    expect(repeated.body).to.deep.equal(placed.body);
    expect(placed.headers.get('idempotency-replayed')).to.equal(null);
    expect(repeated.headers.get('idempotency-replayed')).to.equal('true');
    const later = await place('wait=25', 'one');
    expect([later.status, later.headers.get('idempotency-replayed')]).to.deep.equal([201, 'true']);
  });

  it('takes nobody else the room or a connection, however many wait; beyond those who may, 202 comes at once', async function () {
    this.timeout(60_000);
    const placing: Promise<Answer>[] = [];
    while (placing.length < OF_ONE) {
      // No more at once than have room, so that all are let in.
      placing.push(...Array.from({ length: REQUESTS }, () => place('wait=25')));
      await areAwaited(placing.length);
    }
    const one = await place('respond-async, wait=25');
    expect([one.status, one.headers.get('preference-applied')]).to.deep.equal([202, 'respond-async']);
    expect((await web.intake.call('GET', one.headers.get('location') ?? '')).status).to.equal(200);
    const looks = database.looks;
    await become('CONFIRMED');
    const answers = await Promise.all(placing);
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([201]));
    expect(database.looks - looks, 'looks').to.be.below(OF_ONE / 4);
    expect(await awaited()).to.equal(0);
  });

  it('is answered with 202 at once when the process stops', async () => {
    const stopping = await TestIntake.start({ databaseUrl }, web.intake.key);
    const placing = took(
      stopping.call('POST', '/orders', { headers: { 'idempotency-key': v7(), prefer: 'wait=25' }, body: orderBody }),
    );
    await areAwaited(1);
    await stopping.close();
    const { answer, ms } = await placing;
    expect([answer.status, answer.headers.get('connection')]).to.deep.equal([202, 'close']);
    expect(ms).to.be.below(10_000);
  });

  it('is looked at no more when whoever waited has hung up', async () => {
    const asked = request(`${web.intake.url}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${web.intake.key}`,
        'content-type': 'application/json',
        'idempotency-key': v7(),
        prefer: 'wait=25',
      },
    });
    asked.on('error', () => undefined).end(JSON.stringify(orderBody));
    await areAwaited(1);
    asked.destroy();
    await areAwaited(0);
  });

  it('is answered with 202 when nobody can look at it', async () => {
    database.blind = true;
    const { status, headers } = await place('wait=1');
    expect([status, headers.get('preference-applied')]).to.deep.equal([202, 'wait=1']);
    expect(database.looks).to.be.above(0);
  });
});
