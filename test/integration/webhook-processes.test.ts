import { expect } from 'chai';
import { v7 } from 'uuid';
import { Database, type Rows, type Statement } from '../../shared/postgres/database.js';
import { notices } from '../../shared/postgres/notices.js';
import { attempts } from '../../workers/webhooks/attempt.js';
import { Deliverer } from '../../workers/webhooks/deliverer.js';
import { forget, report } from '../../workers/webhooks/upkeep.js';
import { testKeyring } from '../support/keyring.js';
import { until } from '../support/until.js';
import { anywhere, DISABLE_AFTER_MS, log, TIMEOUT_MS, webhooksPerTest } from '../support/webhooks-per-test.js';

const DAY_MS = 86_400_000;
const STUCK = 'select from webhook_endpoints where stuck_since is not null';

describe('the delivery of webhooks by processes that fail', () => {
  const hooks = webhooksPerTest();
  const { web, post, endpointAt, test, seen, settled, makeDue, delivererWith } = hooks;

  it('is told to operators when it is late at an endpoint that answers, and when a key is missing to send it at all', async () => {
    const told = async (): Promise<Record<string, number>> => {
      await report(web.database);
      return Object.fromEntries((await notices(web.database)).map(({ subject, level }) => [subject, level]));
    };
    const made = await endpointAt('/hooks');
    await test(made);
    expect(await told()).to.deep.equal({ endpoints: 0, late: 0, stuck: 0 });
    await web.database.query({ text: "update webhook_deliveries set due_at = now() - interval '11 minutes'" });
    expect(await told()).to.include({ late: 1, stuck: 0 });

    const { rows } = await web.database.query<{ sealed: string }>({
      text: 'select sealed_secret as sealed from webhook_endpoints',
    });
    await web.database.query({ text: "update webhook_endpoints set sealed_secret = 'sealed by nobody'" });
    expect(await hooks.deliverer.begin()).to.equal(1);
    const isStuck = async () => (await web.database.query({ text: STUCK })).rowCount === 1;
    await until('it is put off', isStuck);
    expect(await told(), 'while keys are rotated').to.include({ late: 0, stuck: 0 });
    await web.database.query({ text: "update webhook_endpoints set stuck_since = stuck_since - interval '3 minutes'" });
    expect(await told()).to.include({ stuck: 1 });
    await forget(web.database, 30);
    expect(await told(), 'what it is stuck with waits').to.include({ stuck: 1 });
    await web.database.query({ text: 'update webhook_endpoints set sealed_secret = $1', values: [rows[0]?.sealed] });
    await makeDue();
    await hooks.deliverer.begin();
    await hooks.receiver.got('/hooks', 1);
    await until('it can be sent again', async () => !(await isStuck()));
    expect(await told()).to.include({ stuck: 0 });

    const last = await test(made);
    await web.database.query({ text: 'update webhook_endpoints set stuck_since = now()' });
    const long = v7({ msecs: Date.now() - 31 * DAY_MS });
    await web.database.query({ text: 'update webhook_deliveries set id = $1 where id = $2', values: [long, last] });
    expect(await forget(web.database, 30)).to.include({ pending: 1 });
    expect(await isStuck(), 'nothing waits any more').to.equal(false);
  });

  it('is not told of as stuck when its attempt was sent and the database failed', async () => {
    class Failing extends Database {
      failed = 0;
      override query<R extends object>(statement: Statement): Promise<Rows<R>> {
        if (statement.name !== 'webhook-delivery-release') return super.query(statement);
        this.failed += 1;
        return Promise.reject(new Error('the database failed'));
      }
    }
    const database = new Failing({ url: hooks.databaseUrl, connections: 2, applicationName: 'test' });
    const rules = attempts({ ...anywhere, timeoutMs: TIMEOUT_MS });
    const options = { atOnce: 16, timeoutMs: TIMEOUT_MS, disableAfterMs: DISABLE_AFTER_MS };
    const failing = new Deliverer({ database, keyring: testKeyring, log }, rules, options);
    try {
      hooks.receiver.answer('/hooks', () => undefined);
      await test(await endpointAt('/hooks'));
      await failing.begin();
      await hooks.receiver.got('/hooks', 1);
      await failing.stop(0);
      expect(database.failed).to.equal(1);
      expect((await web.database.query({ text: STUCK })).rowCount).to.equal(0);
    } finally {
      await database.close();
    }
  });

  it('is replayed although its process was taken for dead, and writes down late what became of it', async () => {
    const made = await endpointAt('/hooks');
    const answers: (() => void)[] = [];
    hooks.receiver.answer('/hooks', (response) => answers.push(() => response.writeHead(400).end()));
    const id = await test(made);
    await hooks.deliverer.begin();
    await hooks.receiver.got('/hooks', 1);
    await makeDue();
    await post(`/webhooks/deliveries/${id}/replay`);
    for (const answer of answers) answer();
    await hooks.deliverer.stop(TIMEOUT_MS);
    expect(await seen(id)).to.include({ status: 'pending', attempts: 0 });
    const all = { from: '1969-12-31T00:00:00Z', statuses: ['pending'] };
    expect(await post(`/webhooks/endpoints/${made.id}/replay`, all)).to.deep.equal({ replayed: 1 });
  });

  it('is made by somebody else when the process that began it has died', async () => {
    const made = await endpointAt('/hooks');
    const id = await test(made);
    hooks.receiver.answer('/hooks', () => undefined);
    const dying = delivererWith(anywhere);
    await dying.begin();
    await hooks.receiver.got('/hooks', 1);
    expect(await hooks.deliverer.begin(), 'the lease holds').to.equal(0);
    await web.database.query({ text: 'update webhook_deliveries set due_at = now()' });
    hooks.receiver.answer('/hooks', 204);
    expect(await hooks.deliverer.begin()).to.equal(1);
    const [first, second] = await hooks.receiver.got('/hooks', 2);
    expect(second?.headers['webhook-id']).to.equal(first?.headers['webhook-id']);
    await settled(id);
    // What the other says, who was only slow, comes too late.
    await dying.stop(TIMEOUT_MS * 2);
    expect(await seen(id)).to.include({ status: 'delivered', attempts: 2 });
    expect((await seen(id)).log).to.have.length(1);
  });

  it('that was broken off because the process stops is due at once, as if it had not been begun', async () => {
    const made = await endpointAt('/hooks');
    const id = await test(made);
    hooks.receiver.answer('/hooks', () => undefined);
    const stopping = delivererWith(anywhere);
    await stopping.begin();
    await hooks.receiver.got('/hooks', 1);
    await stopping.stop(0);
    expect(await seen(id)).to.include({ status: 'pending', attempts: 0 });
    hooks.receiver.answer('/hooks', 204);
    expect(await hooks.deliverer.begin()).to.equal(1);
    expect(await settled(id)).to.include({ status: 'delivered' });
  });
});
