import { expect } from 'chai';
import { traceIdOf } from '../../shared/messaging/trace-context.js';
import { redriveLetter } from '../../shared/postgres/dead-letter-changes.js';
import { type Deployed, Deployment } from '../support/deployment.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { type ScriptedHttp, startScriptedHttp } from '../support/scripted-http.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

describe('traces, at a real receiver', function () {
  this.timeout(120_000);
  let receiver: OtlpReceiver;
  let deployment: Deployment;
  let shop: Storefront;
  let carrier: ScriptedHttp;

  before(async () => {
    receiver = await OtlpReceiver.start();
    carrier = await startScriptedHttp();
    deployment = await Deployment.start({
      processes: [['orders', 'inventory', 'payment', 'email'], ['relay', 'dead-letters', 'scheduler'], ['shipping']],
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: '1' },
    });
    shop = new Storefront(deployment);
  });
  after(async () => {
    await deployment.stop();
    await carrier.close();
    await receiver.close();
  });

  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await deployment.database.database.query<R>({ text, values })).rows;

  /** The trace of an order once the last mail of it is in it, and no span is missing that another one names. */
  const traceOf = (orderId: string, mails = 2): Promise<readonly ReceivedSpan[]> =>
    until(
      'the trace is whole',
      async () => {
        const spans = receiver.of(traceIdOf(orderId));
        const mailed = spans.filter(({ name }) => name.startsWith('effect email.'));
        const handled = await rows<{ actor: string; id: string }>(
          `select actor, message_id as id from inbox join event_log on event_log.id = message_id where correlation_id = $1`,
          orderId,
        );
        const seen = new Set(
          receiver.spans
            .filter(({ attributes }) => attributes['warren.outcome'] === 'done')
            .map(({ attributes }) => `${attributes['warren.actor']} ${attributes['messaging.message.id']}`),
        );
        const whole = mailed.length === mails && handled.every(({ actor, id }) => seen.has(`${actor} ${id}`));
        return whole && missingParents(spans).length === 0 ? spans : undefined;
      },
      30_000,
    );

  it('make one tree of one order, from the request to the last mail', async () => {
    const id = await shop.place({ traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
    await shop.reached(id, 'SHIPPED');
    const spans = await traceOf(id);

    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots.map(({ name, kind, service }) => ({ name, kind, service }))).to.deep.equal([
      { name: 'POST /orders', kind: 2, service: 'warren-web' },
    ]);
    expect(roots[0]?.links).to.deep.include(CALLER);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).to.equal(spans.length);

    const messages = await rows<{ id: string }>('select id from event_log where correlation_id = $1', id);
    for (const operation of ['create', 'send']) {
      const ids = spans
        .filter(({ attributes }) => attributes['messaging.operation.type'] === operation)
        .map(({ attributes }) => attributes['messaging.message.id']);
      // Sent once more it may be, if the confirm is late on a busy machine.
      expect(new Set(ids), operation).to.deep.equal(new Set(messages.map((message) => message.id)));
    }
    const steps = spans.filter(({ name }) => name.startsWith('effect ')).map(({ name }) => name);
    expect(steps).to.have.members([
      'effect payment.authorize',
      'effect payment.capture',
      'effect shipping.ship',
      'effect email.confirm',
      'effect email.announce',
    ]);
    // What was asked of the outside world, in the effect that asked.
    const asked = spans.filter(({ kind }) => kind === 3);
    expect(asked.length).to.be.at.least(3);
    for (const { parentSpanId, attributes } of asked) {
      expect(spans.find(({ spanId }) => spanId === parentSpanId)?.name).to.match(/^effect (payment|shipping)\./);
      expect(attributes['http.response.status_code']).to.be.within(200, 299);
    }
    expect(spans.filter(({ failed }) => failed)).to.deep.equal([]);
  });

  it('link each message to the batch that committed it, and the batch to it, with a span each statement', async () => {
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED');
    const spans = await traceOf(id);
    const processed = spans.filter(({ kind }) => kind === 5);
    expect(processed).not.to.be.empty;
    for (const { name, spanId, traceId, links, attributes } of processed) {
      const [link] = links;
      const batch = await until('the batch is there', () =>
        receiver.of(link?.traceId ?? '').find((span) => span.spanId === link?.spanId),
      );
      expect(batch.name, name).to.equal(`commit ${attributes['warren.actor']}`);
      expect(batch.parentSpanId).to.equal(undefined);
      expect(batch.links.map((other) => other.spanId)).to.include(spanId);
      expect(batch.traceId).not.to.equal(traceId);
      const statements = receiver.of(batch.traceId).filter(({ parentSpanId }) => parentSpanId === batch.spanId);
      expect(statements.map((statement) => statement.name)).to.include.members(['begin', 'inbox-claim', 'commit']);
    }
    const [intake] = receiver.spans.filter(
      ({ name, links }) => name === 'commit intake' && links.some(({ traceId }) => traceId === traceIdOf(id)),
    );
    expect(intake).not.to.equal(undefined);
  });

  it("take in the customer's wish to cancel", async () => {
    const id = await shop.place({ token: 'tok_slow' });
    expect(await shop.cancel(id)).to.equal(202);
    await shop.reached(id, 'CANCELLED');
    const spans = await traceOf(id, 1);
    const wish = spans.find(({ name }) => name === 'POST /orders/:id/cancel');
    const made = spans.filter(({ parentSpanId }) => parentSpanId === wish?.spanId);
    expect(made.map(({ name }) => name)).to.deep.equal(['create orders:orders.cancel-order']);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined).length).to.equal(1);
  });

  it('have what the relay sends once more, and what a timer brings, where it belongs', async () => {
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED');
    await traceOf(id);
    const [placed] = await rows<{ id: string }>(
      `insert into outbox (id, leased_until)
       select id, now() - interval '1 second' from event_log where correlation_id = $1 and type = 'orders.order-placed'
       returning id`,
      id,
    );
    await rows(
      `insert into timers (correlation_id, type, version, causation_id, producer, payload, due_at)
       values ($1::uuid, 'inventory.expire-reservation', 1, $2::uuid, 'inventory', jsonb_build_object('orderId', $1::uuid), now())`,
      id,
      placed?.id,
    );
    const created = receiver
      .of(traceIdOf(id))
      .find(({ name, attributes }) => name.startsWith('create') && attributes['messaging.message.id'] === placed?.id);
    const of = (attribute: string, value: string) => () =>
      receiver.of(traceIdOf(id)).find(({ attributes }) => attributes[attribute] === value);
    const swept = await until('the relay has sent it', of('warren.sender', 'relay'));
    expect(swept.parentSpanId).to.equal(created?.spanId);
    const known = await until('it is known', of('warren.outcome', 'duplicate'));
    expect(known.parentSpanId).to.equal(created?.spanId);
    const sent = await until('the timer is sent', of('warren.sender', 'timers'));
    const fired = receiver.of(traceIdOf(id)).find(({ spanId }) => spanId === sent.parentSpanId);
    expect(fired?.name).to.equal('create inventory:inventory.expire-reservation');
    expect(fired?.parentSpanId).to.equal(created?.spanId);
  });

  it('begin anew with a retry, linked to what failed, and leave the order its tree', async () => {
    const id = await shop.place({ token: 'tok_error_after_charge' });
    await shop.reached(id, 'SHIPPED');
    const spans = await traceOf(id);
    const failed = spans.find(
      ({ attributes }) => attributes['warren.outcome'] === 'failed' && attributes['warren.attempt'],
    );
    expect(failed?.failed).to.equal(true);
    const second = receiver.spans.find(
      ({ attributes }) => attributes['messaging.message.conversation_id'] === id && attributes['warren.attempt'] === 2,
    );
    if (second === undefined) throw new Error('there is no second attempt');
    const anew = receiver.of(second.traceId);
    const [root, ...others] = anew.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(others).to.deep.equal([]);
    expect(root?.name).to.equal('send retry.1s:payment');
    expect(root?.spanId).to.equal(second.parentSpanId);
    // What was sent anew is the message as it was made.
    const [created] = root?.links ?? [];
    expect(spans.find(({ spanId }) => spanId === created?.spanId)?.attributes['messaging.message.id']).to.equal(
      second.attributes['messaging.message.id'],
    );
    expect(missingParents(spans)).to.deep.equal([]);
    expect(logged(deployment.output(), id).map(({ traceId }) => traceId)).to.include.members([
      traceIdOf(id),
      second.traceId,
    ]);
  });

  it('begin anew with a redrive, linked to what was given up', async () => {
    const shipping = named('shipping');
    await deployment.end(shipping, 'SIGTERM');
    carrier.answer([422, { code: 'bad_address', reason: 'no such street' }]);
    const refused = await deployment.startWorkers(['shipping'], { CARRIER_URL: carrier.url });
    const id = await shop.place();
    const letter = await until('it is given up', async () => {
      const [found] = await rows<{ id: string; message_id: string }>(
        'select id, message_id from dead_letters where correlation_id = $1',
        id,
      );
      return found;
    });
    // The carrier is told of the trace that it is asked in.
    expect(carrier.asked[0]?.headers['traceparent']).to.match(new RegExp(`^00-${traceIdOf(id)}-[0-9a-f]{16}-01$`));
    await deployment.end(refused, 'SIGTERM');
    await deployment.startWorkers(['shipping']);
    await redriveLetter(deployment.database.database, letter.id, { by: 'ada', reason: 'the street is there' });
    await shop.reached(id, 'SHIPPED');
    const spans = await traceOf(id);
    const gaveUp = spans.find(({ attributes }) => attributes['warren.outcome'] === 'failed');
    expect(gaveUp?.attributes['error.type']).to.equal('carrier.rejected');
    const redriven = receiver.spans.filter(({ attributes }) => attributes['warren.sender'] === 'redrive');
    expect(redriven.map(({ name, parentSpanId }) => [name, parentSpanId])).to.deep.equal([
      ['send shipping:shipping', undefined],
    ]);
    expect(redriven[0]?.links.map(({ traceId }) => traceId)).to.deep.equal([traceIdOf(id)]);
    const done = receiver.of(redriven[0]?.traceId ?? '').find(({ kind }) => kind === 5);
    expect(done?.attributes).to.include({ 'warren.outcome': 'done', 'messaging.message.id': letter.message_id });
    expect(missingParents(spans)).to.deep.equal([]);
  });

  it('are named in every line of the log that names an order', () => {
    const lines = logged(deployment.output());
    expect(lines.length).to.be.above(50);
    for (const line of lines) expect(line.traceId, JSON.stringify(line)).to.match(/^[0-9a-f]{32}$/);
  });

  it('cost a process that has no receiver not one module', async () => {
    const modulesOf = async (endpoint: string): Promise<string[]> => {
      const worker = await deployment.startWorkers(['relay'], {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TELLS_MODULES)}`,
      });
      await deployment.end(worker, 'SIGTERM');
      return /^modules (.*)$/m.exec(worker.output())?.[1]?.split(' ') ?? [];
    };
    const without = await modulesOf('');
    expect(without.length).to.be.above(10);
    // The API alone comes with prom-client.
    const ofTraces = /@opentelemetry\/(?!api\/)/;
    expect(without.filter((path) => ofTraces.test(path))).to.deep.equal([]);
    expect((await modulesOf(receiver.url)).filter((path) => ofTraces.test(path))).not.to.be.empty;
  });

  const named = (end: string): Deployed => {
    const found = deployment.running.find(({ name }) => name.endsWith(end));
    if (found === undefined) throw new Error(`${end} does not run`);
    return found;
  };
});

/** Prints which packages were loaded, when the process ends. */
const TELLS_MODULES = `import module from 'node:module';
process.on('exit', () => process.stdout.write('modules ' + Object.keys(module._cache).join(' ') + '\\n'));`;

function missingParents(spans: readonly ReceivedSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans
    .filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId))
    .map(({ name, parentSpanId }) => `${name} misses ${parentSpanId}`);
}

/** Lines of a log that name an order, or this one. */
function logged(output: string, id?: string): { readonly orderId: string; readonly traceId?: string }[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"orderId"'))
    .map((line) => JSON.parse(line) as { orderId: string; traceId?: string })
    .filter(({ orderId }) => typeof orderId === 'string' && (id === undefined || orderId === id));
}
