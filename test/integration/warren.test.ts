import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { type DeadLetter, fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import { sampleLetter } from '../support/sample-letter.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

describe('warren, the command line', function () {
  // Each line is a process of its own: where the processor is busy, it takes more than a second.
  this.timeout(60_000);
  let fleet: Deployment;
  let shop: Storefront;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    fleet = await Deployment.start({ environment: { TRACE_VIEWER_URL: 'https://traces.example/{traceId}' } });
    shop = new Storefront(fleet);
    folder = await mkdtemp(join(tmpdir(), 'warren-test-'));
  });
  after(async () => {
    await fleet.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> => {
    const { child, output } = fleet.spawn('scripts/warren.js', args, { WARREN_URL: fleet.url, ...environment });
    await once(child, 'close');
    return { code: child.exitCode, output: output() };
  };
  const asked = async <T>(...args: string[]): Promise<T> => {
    const { code, output } = await run([...args, '--json']);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output) as T;
  };
  const why = ['--reason', 'it is mended'];
  const file = (...letters: DeadLetter[]): Promise<void> =>
    fleet.database.database.transaction((transaction) => fileDeadLetters(transaction, letters));
  const idOf = async ({ messageId }: DeadLetter): Promise<string> =>
    (await asked<{ id: string; messageId: string }[]>('dead-letters', 'list')).find(
      (one) => one.messageId === messageId,
    )?.id ?? '';

  it('says that the fleet is well, explains an order to its end, and finds it', async () => {
    const order = await shop.place({ sku: 'HAT-FELT' });
    await shop.reached(order, 'SHIPPED');
    await until('it is done', async () => (await run(['explain', order])).output.includes('it is done'));
    const status = await run(['status']);
    expect([status.code, status.output.split('\n')[0]]).to.deep.equal([0, 'the fleet is well']);
    expect(await asked('status')).to.deep.include({ well: true, reasons: [] });
    const found = await asked<{ id: string }[]>('orders', 'list', '--sku', 'HAT-FELT', '--status', 'SHIPPED');
    expect(found.map(({ id }) => id)).to.deep.equal([order]);
    const shown = await run(['orders', 'show', order]);
    for (const part of ['SHIPPED', 'HAT-FELT', 'shipping.order-shipped']) expect(shown.output).to.include(part);
    expect((await run(['explain', order])).output).to.include(
      `trace https://traces.example/${order.replaceAll('-', '')}`,
    );
    const refused = await run(['orders', 'cancel', order, ...why]);
    expect([refused.code, refused.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.includes('order.already-shipped'),
    );
  });

  it('lists the processes of the fleet', async () => {
    const instances = await asked<{ kind: string; gone: boolean; actors: unknown[] }[]>('instances');
    expect(instances.map(({ kind, gone }) => [kind.split('+').length > 1 ? 'workers' : kind, gone])).to.deep.equal([
      ['workers', false],
      ['web', false],
    ]);
    const { output } = await run(['instances']);
    for (const part of ['IN FLIGHT', 'web', 'inventory']) expect(output).to.include(part);
  });

  it('lists, shows, redrives, edits and discards dead letters, and says so with exit codes', async () => {
    const [broken, other] = [sampleLetter(), sampleLetter({ actor: 'email', fingerprint: 'f2' })];
    await file(broken, other);
    const id = await idOf(broken);
    expect((await run(['dead-letters', 'list', '--actor', 'shipping'])).output)
      .to.include(id)
      .and.not.include('email');
    const shown = (await run(['dead-letters', 'show', id])).output;
    for (const part of [broken.errorMessage, 'at line 1', broken.body]) expect(shown).to.include(part);
    expect((await run(['status'])).code).to.equal(1);
    // It is no better than it was, so it fails again and the job with it.
    const job = await run(['dead-letters', 'redrive', '--actor', 'shipping', '--follow', ...why]);
    expect([job.code, job.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.includes('1 failed again'),
    );
    expect(await asked('dead-letters', 'jobs')).to.have.length(1);
    const body = join(folder, 'body.json');
    await writeFile(body, '{"orderId":"seven"}');
    const refused = await run(['dead-letters', 'edit', id, '--body', body, ...why]);
    expect([refused.code, refused.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.includes('orders.order-ready at '),
    );
    expect((await run(['dead-letters', 'edit', id, '--body', join(folder, 'nothing'), ...why])).code).to.equal(2);
    expect((await run(['dead-letters', 'discard', id, ...why])).output).to.equal('discarded 1\n');
    expect(await asked('dead-letters', 'discard', '--all', ...why)).to.deep.equal({ discarded: 1 });
    expect((await run(['dead-letters', 'discard', '--all', ...why])).code).to.equal(1);
    const actions = await asked<{ by: string; action: string }[]>('actions');
    expect(actions.map(({ by, action }) => `${by} ${action}`)).to.deep.equal([
      'Development discard',
      'Development discard',
      'Development redrive',
    ]);
  });

  it('sends a mail again that was sent, and none that was not', async () => {
    const order = await shop.place({ sku: 'HAT-FELT' });
    await until('its mail is sent', async () =>
      (await run(['orders', 'show', order])).output.includes('e-mail: confirmed'),
    );
    expect((await run(['orders', 'resend-mail', order, 'confirmed', ...why])).code).to.equal(0);
    await until('it is sent again', async () =>
      (await run(['orders', 'show', order])).output.includes('e-mail: confirmed, sent again'),
    );
    expect((await run(['orders', 'resend-mail', order, 'cancelled', ...why])).output).to.include('mail.not-sent');
    const wish = ['--resend-id', '01938f00-0000-7000-8000-0000000000a1'];
    for (let time = 0; time < 2; time++) {
      expect((await run(['orders', 'resend-mail', order, 'confirmed', ...why, ...wish])).code).to.equal(0);
    }
    const { body } = await operate(fleet.url, 'GET', `/actions?thing=order&thingId=${order}`);
    const resent = (body['items'] as readonly { readonly action: string }[]).filter(
      ({ action }) => action === 'resend-mail',
    );
    expect(resent).to.have.length(2);
    const away = await run([
      'orders',
      'resend-mail',
      order,
      'confirmed',
      ...why,
      ...wish,
      '--url',
      'http://127.0.0.1:1',
    ]);
    expect(away.output).to.include('not sent twice').and.include(wish.join(' '));
  });

  it('pauses an actor with its reason, says so wherever somebody looks, and lets it go on', async () => {
    const pay = (await run(['queues', 'pause', 'payment', ...why])).output;
    expect(pay).to.include('payment is paused').and.include('warren queues resume payment');
    expect((await run(['queues', 'pause', 'payment', ...why])).output).to.include('Development has paused payment');
    await until('nobody consumes', async () =>
      (await asked<{ actor: string; consumers: number }[]>('queues', 'list')).some(
        ({ actor, consumers }) => actor === 'payment' && consumers === 0,
      ),
    );
    const order = await shop.place();
    const explained = await until('the order waits for payment', async () => {
      const { output } = await run(['explain', order]);
      return output.includes('Development has paused payment') ? output : undefined;
    });
    expect(explained).to.include('it is mended').and.include('warren queues resume payment');
    const { code, output } = await run(['status']);
    expect(code).to.equal(1);
    expect(output).to.include('actor.paused').and.not.include('actor.no-consumer');
    expect((await run(['queues', 'list'])).output).to.match(/payment .*by Development at .*: it is mended/);
    expect(await asked('queues', 'prefetch', 'payment', '7', ...why)).to.deep.include({ prefetch: 7 });
    expect((await run(['queues', 'list'])).output).to.match(/payment .* 7 \(set\)/);
    expect(await asked('queues', 'prefetch', 'payment', '--default', ...why)).to.deep.include({ prefetch: null });
    expect(await asked('queues', 'resume', 'payment', ...why)).to.deep.include({ actor: 'payment', paused: null });
    await shop.reached(order, 'SHIPPED');
    expect((await run(['queues', 'resume', 'payment', ...why])).code).to.equal(1);
    expect((await run(['queues', 'pause', 'nobody', ...why])).output).to.include('there are ');
    for (const wrong of [['7', '--default'], ['0'], ['many'], []])
      expect((await run(['queues', 'prefetch', 'payment', ...wrong, ...why])).code, wrong.join(' ')).to.equal(2);
    expect((await run(['queues', 'pause', 'email'])).code).to.equal(2);
    const actions = await asked<{ action: string; thingId: string }[]>('actions', '--thing', 'queue');
    expect(actions.map(({ action, thingId }) => `${action} ${thingId}`)).to.deep.equal([
      'resume payment',
      'prefetch payment',
      'prefetch payment',
      'pause payment',
    ]);
  });

  it('changes nothing without saying why and which, and says what was wrong with the line', async () => {
    await fleet.database.database.query({ text: 'truncate dead_letters' });
    await file(sampleLetter());
    for (const args of [
      ['dead-letters', 'redrive', '--all'],
      ['dead-letters', 'redrive', ...why],
      ['dead-letters', 'discard', ...why],
      ['dead-letters', 'redrive', 'seven', ...why],
      ['orders', 'cancel', v7()],
      ['orders', 'list', '--limit', 'many'],
      ['orders', 'list', '--older-than', 'long'],
      ['burn'],
      [],
    ])
      expect((await run(args)).code, args.join(' ')).to.equal(2);
    expect((await run(['explain', v7()])).code).to.equal(1);
    expect((await asked<{ status: string }[]>('dead-letters', 'list')).map(({ status }) => status)).to.deep.equal([
      'open',
    ]);
  });

  it('says what to do where web is away or does not know the key', async () => {
    const away = await run(['status'], { WARREN_URL: 'http://127.0.0.1:1' });
    expect(away.code).to.equal(1);
    expect(away.output).to.include('WARREN_URL').and.not.include('    at ');
    const stranger = await run(['status', '--key', 'no-such-key']);
    expect(stranger.code).to.equal(1);
    expect(stranger.output).to.include('operator.js add operator NAME').and.not.include('no-such-key');
  });

  it('finds nothing wrong with the environment of a fleet that runs, and names what is', async () => {
    const findings = await asked<{ what: string; well: boolean }[]>('doctor');
    expect(findings.map(({ what }) => what)).to.include.members(['configuration', 'RabbitMQ queues', 'web']);
    const ill = await run(['doctor'], {
      REDIS_URL: 'redis://127.0.0.1:1',
      RATE_LIMIT_KEY: 'many',
      PAYMENT_URL: 'nowhere',
    });
    expect(ill.code).to.equal(1);
    expect(ill.output)
      .to.match(/✗ configuration +.*RATE_LIMIT_KEY.*PAYMENT_URL/)
      .and.match(/✗ Redis +does not let us in/);
    expect(ill.output).to.match(/✓ PostgreSQL version/);
  });

  it('makes storefronts and keys, shows a key once, changes one without a gap and revokes it', async () => {
    const stock = async (key: string): Promise<number> =>
      (await fetch(`${fleet.url}/stock`, { headers: { authorization: `Bearer ${key}` } })).status;
    const made = await asked<{ id: string; keys: number }>('storefronts', 'create', 'Stall', ...why);
    expect(made.keys).to.equal(0);
    const printed = await run(['keys', 'create', made.id, ...why]);
    const first = /^key +(wk_test_\S+)$/m.exec(printed.output)?.[1] ?? '';
    const second = await asked<{ key: string; prefix: string }>(
      ...['keys', 'create', made.id, '--scopes', 'orders:read, stock:write', '--name', 'till', ...why],
    );
    expect([await stock(first), await stock(second.key)]).to.deep.equal([200, 200]);
    const third = await run(['keys', 'create', made.id, ...why]);
    expect([third.code, third.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 1 && output.includes('api-key.enough'),
    );
    const revoked = await run(['keys', 'revoke', first, ...why]);
    expect([revoked.code, revoked.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 0 && output.includes('within three seconds'),
    );
    await until('it is refused', async () => (await stock(first)) === 401);
    expect(await stock(second.key)).to.equal(200);
    const list = await run(['keys', 'list', '--storefront', made.id]);
    for (const part of ['REVOKED', second.prefix, 'orders:read,stock:write', 'till'])
      expect(list.output).to.include(part);
    expect(list.output).not.to.include(first).and.not.include(second.key);
    await asked('storefronts', 'rename', made.id, 'Market stall', ...why);
    expect((await run(['storefronts', 'disable', made.id, ...why])).output).to.include('Market stall is disabled');
    expect((await run(['storefronts', 'list'])).output).to.match(/Market stall +1 .*:\d\d +\d/);
    await until('no key of it is let in', async () => (await stock(second.key)) === 401);
    expect((await run(['storefronts', 'enable', made.id, ...why])).code).to.equal(0);
    for (const args of [
      ['keys', 'create', made.id, '--scopes', 'everything', ...why],
      ['keys', 'create', made.id],
      ['storefronts', 'create', ...why],
    ])
      expect((await run(args)).code, args.join(' ')).to.equal(2);
    const actions = await asked<unknown[]>('actions', '--thing', 'api-key');
    expect(actions).to.have.length(3);
    const web = fleet.running.find(({ name }) => name.startsWith('api/start.js'));
    for (const key of [first, second.key])
      expect(`${JSON.stringify(actions)}${web?.output()}`)
        .to.include('"revoke"')
        .and.not.include(key.slice(-32));
  }).timeout(120_000);

  it('shows how the broker differs from what is declared, and mends it while the fleet is at work', async () => {
    expect(await asked('topology', 'plan')).to.deep.equal({ differences: [], unseen: [] });
    const broker = await connect(fleet.brokerUrl);
    const channel = await broker.createChannel();
    await channel.deleteQueue('email');
    const given = { 'x-queue-type': 'quorum', 'x-delivery-limit': 20 };
    await channel.assertQueue('email', { durable: true, arguments: given });
    await channel.bindQueue('email', 'orders.routes', 'orders.order-confirmed');
    await channel.unbindQueue('payment', 'orders.routes', 'orders.order-placed');
    await broker.close();
    const plan = await run(['topology', 'plan']);
    expect(plan.code).to.equal(1);
    expect(plan.output)
      .to.match(/~ the queue email differs: .*x-delivery-limit is 20, declared 50/)
      .and.include('+ the binding of payment to orders.routes by orders.order-placed');
    const release = fleet.spawn('scripts/release.js');
    await once(release.child, 'close');
    expect([release.child.exitCode, release.output()]).to.satisfy(
      ([code, output]: [number, string]) => code === 0 && output.includes('warren topology apply'),
    );
    const order = await shop.place();
    const applied = await run(['topology', 'apply', ...why]);
    expect([applied.code, applied.output]).to.satisfy(
      ([code, output]: [number, string]) => code === 0 && output.includes('what is live is what is declared'),
    );
    expect((await run(['topology', 'plan'])).code).to.equal(0);
    await shop.reached(order, 'SHIPPED', 60_000);
    const actions = await asked<{ action: string; thing: string }[]>('actions', '--limit', '6');
    expect(actions.map(({ action, thing }) => `${action} ${thing}`)).to.include.members([
      'resume queue',
      'pause queue',
    ]);
    expect(await asked('actions', '--thing', 'topology')).to.not.deep.equal([]);
    expect((await run(['topology', 'apply'])).code).to.equal(2);
  }).timeout(120_000);
});
