import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { audit, isSound, type Verdict } from '../../audit/auditor.js';
import type { Evidence, Sources } from '../../audit/evidence.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { leftOut } from '../../audit/no-evidence.js';
import { untilQuiet } from '../../audit/quiet.js';
import { brokerState } from '../../audit/sources/broker-state.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { requestsIn } from '../../audit/sources/request-log.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import { standingAudit } from '../../audit/standing-audit.js';
import { DEVELOPMENT } from '../../config/environment.js';
import { Database, type Transaction } from '../../shared/postgres/database.js';
import { virtualHostOf } from '../../shared/rabbitmq/management.js';
import { redisContents } from '../../shared/redis/contents.js';
import { cancelledMail } from '../../workers/email/mails.js';
import { SmtpMailer } from '../../workers/email/smtp-mailer.js';
import { createBroker, manage, type TestBroker } from '../support/broker.js';
import { Deployment } from '../support/deployment.js';
import { testKeyring } from '../support/keyring.js';
import { needed } from '../support/needed.js';
import { operate } from '../support/operator.js';
import { Program } from '../support/program.js';
import { lines } from '../support/sample-order.js';
import { Storefront } from '../support/storefront.js';
import { sturdyProvider } from '../support/sturdy-provider.js';
import { until } from '../support/until.js';

const SECRET = 'tok_planted_secret_0815';
const HOUR_MS = 3_600_000;

/** Ends a transaction that was only for looking. */
class Undo extends Error {}

/** A sound fleet that has come to rest, in which each test plants one violation and takes it back. */
describe('the auditor', function () {
  this.timeout(120_000);
  let deployment: Deployment;
  let broker: TestBroker;
  let folder: string;
  let requestFile: string;
  let evidence: Evidence;
  let fleet: Evidence['sources']['broker'];
  /** One of each kind. */
  let shipped: string;
  let declined: string;
  let soundWhileRunning: Verdict[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-audit-'));
    requestFile = join(folder, 'requests.ndjson');
    broker = await createBroker();
    const environment = {
      RABBITMQ_URL: broker.url,
      PROVIDER_DIR: join(folder, 'provider'),
      MAIL_SINK_DIR: join(folder, 'mails'),
    };
    deployment = await Deployment.start({ environment });
    const shop = new Storefront(deployment);
    shipped = await shop.place({ key: 'shipped', quantity: 2 });
    declined = await shop.place({ key: 'declined', token: 'tok_declined' });
    const short = await shop.place({ key: 'short', quantity: 900_000 });
    const cancelled = await shop.place({ key: 'cancelled', token: 'tok_slow' });
    await shop.cancel(cancelled);
    // Its key is kept and leads to no order.
    const refused = await shop.place({ key: 'refused', sku: 'NOPE' }).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(refused).to.contain('422');
    const at = new Date().toISOString();
    await shop.reached(shipped, 'SHIPPED');
    await until('its mail is sent', async () =>
      (await shop.order(shipped)).emails.some(({ occasion }) => occasion === 'shipped'),
    );
    await operate(deployment.url, 'POST', `/orders/${shipped}/mails/shipped/resend`, { reason: 'it was lost' });
    const told = Object.entries({ shipped, declined, short, cancelled });
    await writeFile(
      requestFile,
      told.map(([key, orderId]) => `${JSON.stringify({ at, kind: 'ok', idempotencyKey: key, orderId })}\n`).join(''),
    );
    fleet = () => brokerState(needed('RABBITMQ_MANAGEMENT_URL'), broker.url);
    evidence = {
      database: deployment.database.database,
      scope: {},
      keyring: testKeyring,
      listeners: await listenersOfFleet(),
      databaseConnections: 2,
      expectedDeadLetters: [],
      sources: {
        provider: () => sandboxBooks([deployment.providerUrl]),
        mail: () => sinkMails(deployment.sinkUrl),
        broker: fleet,
        requests: () => requestsIn(requestFile),
        secrets: async () => ({
          secrets: [SECRET],
          logs: [requestFile],
          redis: () => redisContents(needed('REDIS_URL')),
        }),
      },
    };
    expect(await untilQuiet(evidence, fleet, 60_000)).to.deep.equal([]);
    soundWhileRunning = await audit(evidence);
    // What is planted is to stay where it is.
    for (const one of deployment.running.filter(({ name }) => !name.startsWith('sandbox/'))) {
      await deployment.end(one, 'SIGTERM');
    }
    await until('the broker knows that the fleet is gone', async () => (await fleet()).connections.length === 0);
  });
  after(async () => {
    await deployment.stop();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  });

  const auditWith = (sources: Partial<Sources>, given: Partial<Evidence> = {}): Promise<Verdict[]> =>
    audit({ ...evidence, ...given, sources: { ...evidence.sources, ...sources } });

  /** Plants in a transaction, audits in it, and takes all of it back. */
  async function auditPlanted(
    plant: (transaction: Transaction) => Promise<unknown>,
    given: Partial<Evidence> = {},
  ): Promise<Verdict[]> {
    let verdicts: Verdict[] = [];
    const looked = deployment.database.database.transaction(async (transaction) => {
      await plant(transaction);
      verdicts = await auditWith({}, { ...given, database: transaction });
      throw new Undo();
    });
    await looked.catch((error) => {
      if (!(error instanceof Undo)) throw error;
    });
    return verdicts;
  }
  const execute = (text: string, ...values: readonly unknown[]) => auditPlanted((on) => on.query({ text, values }));

  /** A process of the sandbox on a copy of its files, so that what is planted there goes with it. */
  async function sandboxCopy<T>(part: 'provider' | 'mail-sink', use: (line: Record<string, unknown>) => Promise<T>) {
    const copy = await mkdtemp(join(folder, 'copy-'));
    await cp(join(folder, part === 'provider' ? 'provider' : 'mails'), copy, { recursive: true });
    const process = deployment.spawn(`sandbox/${part}/start.js`, [], { PROVIDER_DIR: copy, MAIL_SINK_DIR: copy });
    try {
      return await use(await deployment.line(process, 'url'));
    } finally {
      await deployment.end(process, 'SIGTERM');
    }
  }

  /** That no other invariant is broken, and that every violation is of the culprit; returns what they say. */
  function onlyNamed(verdicts: readonly Verdict[], number: number, culprit: string): string {
    const unsound = verdicts.filter((verdict) => !isSound([verdict]));
    expect([...new Set(unsound.map((verdict) => verdict.number))]).to.deep.equal([number]);
    const violations = unsound.flatMap(({ outcome }) => (outcome.kind === 'checked' ? outcome.violations : []));
    for (const { orderId = '', subject = '' } of violations) expect(`${orderId} ${subject}`).to.include(culprit);
    return violations.map(({ what }) => what).join('; ');
  }

  it('finds no fault with a fleet that did its work, and has looked at everything', () => {
    expect(soundWhileRunning.filter((verdict) => !isSound([verdict]))).to.deep.equal([]);
    const nothing = soundWhileRunning.filter(({ outcome }) => outcome.kind !== 'checked' || outcome.checked === 0);
    expect(nothing.map(({ what }) => what)).to.deep.equal([
      'every dead letter is redriven, edited, discarded or expected',
      'no timer is overdue',
    ]);
    expect(new Set(soundWhileRunning.map(({ number }) => number)).size).to.equal(11);
  });

  it('names an order that nobody asked for (1)', async () => {
    const verdicts = await execute('delete from idempotency_keys where order_id = $1', declined);
    expect(onlyNamed(verdicts, 1, declined)).to.include('nobody asked for it');
  });

  it('names an order that the load run was promised and that is not there (1)', async () => {
    const lost = v7();
    const requests = await requestsIn(requestFile);
    const verdicts = await auditWith({
      requests: async () => [
        ...requests,
        { at: new Date().toISOString(), kind: 'ok', idempotencyKey: 'lost', orderId: lost },
      ],
    });
    expect(onlyNamed(verdicts, 1, lost)).to.include('was accepted under key lost');
  });

  it('names an order whose status does not follow from its log (2)', async () => {
    const what = await execute("update orders set cancel_reason = 'customer' where id = $1", declined);
    expect(onlyNamed(what, 2, declined))
      .to.include('payment-declined')
      .and.to.include('it is stored as');
  });

  it('names a SKU whose pieces do not add up (3)', async () => {
    const verdicts = await execute("update stock_levels set on_hand = on_hand + 1 where sku = 'BASKET-WILLOW'");
    expect(onlyNamed(verdicts, 3, 'BASKET-WILLOW')).to.include('received');
  });

  it('names an order that took of another storefront’s stock (3)', async () => {
    const what = await execute(
      'update stock_movements set storefront_id = gen_random_uuid() where order_id = $1',
      shipped,
    );
    expect(JSON.stringify(what)).to.include('which is another’s');
  });

  it('names an order that was charged twice, by the books of the provider (4)', async () => {
    await sandboxCopy('provider', async ({ url }) => {
      await post(`${url}/payments/authorizations`, {
        orderId: shipped,
        amount: 6800,
        currency: 'GBP',
        token: 'tok_ok',
      });
      await post(`${url}/payments/captures`, { orderId: shipped, amount: 6800 });
      const what = onlyNamed(await auditWith({ provider: () => sandboxBooks([String(url)]) }), 4, shipped);
      expect(what).to.include('13600 GBP stay paid where 6800 are due').and.to.include('was captured 2 times');
    });
  });

  it('names an order for which money is still held (4)', async () => {
    await sandboxCopy('provider', async ({ url }) => {
      await post(`${url}/payments/authorizations`, {
        orderId: declined,
        amount: 3400,
        currency: 'GBP',
        token: 'tok_ok',
      });
      const verdicts = await auditWith({ provider: () => sandboxBooks([String(url)]) });
      expect(onlyNamed(verdicts, 4, declined)).to.include('still holds 3400 GBP');
    });
  });

  it('names an order whose mail was sent again, and nobody had asked for that (5)', async () => {
    const verdicts = await execute(
      `update event_log set payload = payload || '{"resendId": "another"}' where correlation_id = $1 and type = 'email.resend-mail'`,
      shipped,
    );
    expect(onlyNamed(verdicts, 5, shipped))
      .to.include('the mail "shipped" was sent 2 times')
      .and.include('the mail "shipped" is filed as sent again, and nobody asked for that');
  });

  it('names an order whose mail was asked for again, and is not in our file (5)', async () => {
    const verdicts = await execute("delete from emails where id like $1 || ':shipped:%'", shipped);
    expect(onlyNamed(verdicts, 5, shipped)).to.equal(
      'the mail "shipped" was asked for again, and is not filed as sent again',
    );
  });

  it('names an order whose customer was sent a mail about what did not happen (5)', async () => {
    await sandboxCopy('mail-sink', async ({ url, smtpUrl }) => {
      const from = { name: 'Shop', address: 'orders@example.com' };
      const mailer = new SmtpMailer({
        url: String(smtpUrl),
        from,
        connections: 1,
        timeoutMs: 10_000,
        provider: sturdyProvider(),
      });
      const customer = { name: 'Ada Lovelace', email: 'ada@example.com' };
      const mail = cancelledMail({ orderId: shipped, reason: 'customer', lines }, customer);
      await mailer.send(mail, new AbortController().signal);
      await mailer.close();
      const verdicts = await auditWith({ mail: () => sinkMails(String(url)) });
      expect(onlyNamed(verdicts, 5, shipped)).to.include('the mail "cancelled" was sent, and that did not happen');
    });
  });

  it('says of which orders it cannot tell whose address a mail had to go to, and does all else (5)', async () => {
    const verdicts = await execute(
      "update order_keys set sealed_key = 'lost.' || split_part(sealed_key, '.', 2) where order_id = $1",
      shipped,
    );
    const [undone, ...others] = verdicts.filter((verdict) => !isSound([verdict]));
    expect(others).to.deep.equal([]);
    expect(undone?.what).to.equal('a mail went to the customer of its order, and to nobody else');
    expect(undone?.outcome).to.have.property('kind', 'unreached');
    expect(JSON.stringify(undone))
      .to.match(/1 of [2-9] orders could not be looked into/)
      .and.to.include(shipped)
      .and.to.include('key lost');
    const without = await auditWith({}, { keyring: undefined });
    expect(isSound(without)).to.equal(true);
    expect(without.filter(({ outcome }) => outcome.kind === 'left-out').map(({ what }) => what)).to.deep.equal([
      undone?.what,
    ]);
  });

  it('tells what it found of other orders before it tells of those that it could not look into (5)', async () => {
    const wrong = await auditPlanted(async (on) => {
      await on.query({ text: "update order_keys set sealed_key = 'lost.x' where order_id = $1", values: [declined] });
      await on.query({
        text: `update orders set customer = '{"name": "Eve", "email": "eve@example.com"}' where id = $1`,
        values: [shipped],
      });
    });
    expect(onlyNamed(wrong, 5, shipped)).to.include('went to another address than the customer');
    expect(JSON.stringify(wrong)).to.include('1 of ').and.to.include('key lost');
  });

  it('names an order that was given two labels (6)', async () => {
    await sandboxCopy('provider', async ({ url }) => {
      await post(`${url}/shipments`, { orderId: shipped, address: { line1: 'x' }, lines });
      const verdicts = await auditWith({ provider: () => sandboxBooks([String(url)]) });
      expect(onlyNamed(verdicts, 6, shipped)).to.include('2 labels');
    });
  });

  it('names an order of which an actor has not handled a message (7)', async () => {
    const verdicts = await execute(
      `delete from inbox where actor = 'email' and message_id in
         (select id from event_log where correlation_id = $1 and type = 'shipping.order-shipped')`,
      shipped,
    );
    expect(onlyNamed(verdicts, 7, shipped)).to.equal('email has not handled shipping.order-shipped');
  });

  it('names an order of which an actor has handled a message twice (7)', async () => {
    const verdicts = await auditPlanted(async (on) => {
      await on.query({ text: 'alter table inbox drop constraint inbox_pkey' });
      await on.query({
        text: `insert into inbox select inbox.* from inbox join event_log on id = message_id
               where actor = 'email' and correlation_id = $1 and type = 'orders.order-cancelled'`,
        values: [declined],
      });
    });
    expect(onlyNamed(verdicts, 7, declined)).to.equal('email handled it 2 times');
  });

  it('names an order with a message that was never sent (7)', async () => {
    const verdicts = await execute(
      `insert into outbox (id, leased_until) select id, now() from event_log
       where correlation_id = $1 and type = 'orders.order-ready'`,
      shipped,
    );
    expect(onlyNamed(verdicts, 7, shipped)).to.include('orders.order-ready stands in the outbox');
  });

  it('names an order with a dead letter that nobody accounts for, and none for one that is expected (8)', async () => {
    const file = (on: Transaction) =>
      on.query({
        text: `insert into dead_letters (id, actor, message_id, type, correlation_id, body, headers, road, error_code,
                 error_message, attempts, fingerprint)
               values ($1::uuid, 'email', $1::uuid::text, 'orders.order-confirmed', $2, '{}', '{}', 'runtime', 'mail.rejected', 'no', 1, 'f')`,
        values: [v7(), shipped],
      });
    expect(onlyNamed(await auditPlanted(file), 8, shipped)).to.include('mail.rejected');
    const expected = await auditPlanted(file, { expectedDeadLetters: ['mail.rejected'] });
    expect(isSound(expected)).to.equal(true);
  });

  it('names a queue in which a message was left (8)', async () => {
    const host = encodeURIComponent(virtualHostOf(broker.url));
    const publish = { routing_key: 'email', payload: '{}', payload_encoding: 'string', properties: {} };
    await manage('POST', `/api/exchanges/${host}/amq.default/publish`, publish);
    await until('the broker counts it', async () => (await fleet()).depths.get('email') === 1, 30_000);
    expect(onlyNamed(await auditWith({}), 8, 'queue email')).to.equal('holds 1 messages');
    await manage('DELETE', `/api/queues/${host}/email/contents`);
    await until('the broker counts none', async () => (await fleet()).depths.get('email') === 0, 30_000);
  });

  it('names an order with a timer that is overdue (8)', async () => {
    const verdicts = await execute(
      `insert into timers (correlation_id, type, version, producer, payload, due_at)
       values ($1, 'orders.enforce-payment-deadline', 1, 'web', '{}', now() - interval '2 minutes')`,
      declined,
    );
    expect(onlyNamed(verdicts, 8, declined)).to.equal('its timer orders.enforce-payment-deadline is 120 s overdue');
  });

  it('names an order with an event that nothing caused (9)', async () => {
    const verdicts = await execute(
      `update event_log set causation_id = $2 where correlation_id = $1 and type = 'inventory.stock-reserved'`,
      shipped,
      v7(),
    );
    expect(onlyNamed(verdicts, 9, shipped)).to.include('inventory.stock-reserved names a cause that is not in its log');
  });

  it('names an order with a secret in an event, and does not repeat the secret (10)', async () => {
    const verdicts = await execute(
      `update event_log set payload = payload || jsonb_build_object('note', $2::text)
       where correlation_id = $1 and type = 'shipping.order-shipped'`,
      shipped,
      `token ${SECRET}`,
    );
    expect(onlyNamed(verdicts, 10, shipped)).to.equal('secret 1 stands in table event_log');
    expect(JSON.stringify(verdicts)).not.to.include(SECRET);
  });

  it('names a log line with a secret (10)', async () => {
    const log = join(folder, 'web.log');
    await writeFile(log, `{"msg":"placed"}\n{"token":"${SECRET}"}\n`);
    const verdicts = await auditWith({ secrets: async () => ({ secrets: [SECRET], logs: [log], redis: undefined }) });
    const found = verdicts.filter(({ number, outcome }) => number === 10 && outcome.kind === 'checked');
    expect(
      onlyNamed(
        found.filter((verdict) => !isSound([verdict])),
        10,
        `${log}, line 2`,
      ),
    ).to.equal('holds secret 1');
  });

  it('names a session that is left idle in a transaction (11)', async () => {
    const forgetful = new Database({
      url: deployment.database.url,
      connections: 1,
      applicationName: 'warren forgetful',
    });
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const left = forgetful.transaction(async (on) => {
      await on.query({ text: 'select 1' });
      await ended;
    });
    const named = await until(
      'it is named',
      async () => {
        const verdicts = await auditWith({});
        return isSound(verdicts) ? undefined : verdicts;
      },
      30_000,
    );
    expect(onlyNamed(named, 11, 'warren forgetful')).to.include('is idle in a transaction');
    end();
    await left;
    await forgetful.close();
  });

  it('is no pass when a source cannot be reached, and says which', async () => {
    const verdicts = await auditWith({ provider: () => sandboxBooks(['http://127.0.0.1:2']) });
    expect(isSound(verdicts)).to.equal(false);
    const undone = verdicts.filter(({ outcome }) => outcome.kind === 'unreached');
    expect([...new Set(undone.map(({ number }) => number))]).to.deep.equal([4, 6]);
    expect(JSON.stringify(undone)).to.include('http://127.0.0.1:2/ledger does not answer (ECONNREFUSED)');
    expect(isSound(await auditWith({ provider: leftOut('--without provider') }))).to.equal(true);
  });

  describe('as maintenance', () => {
    const values = async (name: string) => (await register.getSingleMetric(name)?.get())?.values ?? [];
    const measured = async (name: string, invariant: string) =>
      (await values(name)).find(({ labels }) => labels['invariant'] === invariant)?.value;

    it('judges orders at their end, sets its metrics, and asks for nothing but the database', async () => {
      const { database } = deployment.database;
      const verdicts = await standingAudit({ database, settledForMs: 0 });
      expect(isSound(verdicts)).to.equal(true);
      expect(await measured('warren_audit_violations', '3')).to.equal(0);
      expect(await measured('warren_audit_checked', '2')).to.be.greaterThan(0);
      const looked = database.transaction(async (on) => {
        await on.query({ text: 'update stock_levels set shipped = shipped + 1 where sku = $1', values: ['SOAP-OAT'] });
        await on.query({ text: "delete from inbox where actor = 'email'" });
        await standingAudit({ database: on, settledForMs: 0 });
        throw new Undo();
      });
      await looked.catch((error) => expect(error).to.be.instanceOf(Undo));
      expect(await measured('warren_audit_violations', '3')).to.equal(1);
      // What is not handled yet may be on the retry ladder, and so the orders are not settled.
      expect(await measured('warren_audit_violations', '7')).to.equal(0);
      expect(await measured('warren_audit_checked', '9')).to.be.greaterThan(0);
    });

    it('leaves alone the orders about which something was just said', async () => {
      const { database } = deployment.database;
      const verdicts = await standingAudit({ database, settledForMs: HOUR_MS });
      const history = verdicts.find(({ what }) => what.startsWith('the event log, folded'));
      expect(history?.outcome).to.deep.include({ kind: 'checked', checked: 0 });
    });
  });

  describe('npm run audit', () => {
    async function run(...args: readonly string[]) {
      const program = new Program('scripts/audit.js', args, {
        DATABASE_URL: deployment.database.url,
        RABBITMQ_URL: broker.url,
        PAYMENT_URL: deployment.providerUrl,
        PAYMENT_API_KEY: DEVELOPMENT.providerKey,
        MAIL_SINK_URL: deployment.sinkUrl,
      });
      return { code: await program.ended(), output: program.output };
    }

    it('exits with 0 when all is sound, and says what it looked at', async () => {
      const { code, output } = await run('--requests', requestFile, '--log', requestFile);
      expect(code, output).to.equal(0);
      expect(output).to.include('0 violations in');
      expect(output).to.match(/^ 2 {2}ends +an order is at its end +4 +0$/m);
      expect(output).to.include('Nothing to look at, so nothing is proved: 8 every dead letter');
    });

    it('exits with 1 and names the order, or says which source did not answer', async () => {
      const { database } = deployment.database;
      await database.query({
        text: "update reservations set status = 'reserved' where order_id = $1",
        values: [shipped],
      });
      const found = await run('--wait', '0', '--without', 'provider,broker,mail');
      await database.query({
        text: "update reservations set status = 'shipped' where order_id = $1",
        values: [shipped],
      });
      expect(found.code).to.equal(1);
      expect(found.output).to.include(`order ${shipped}: is SHIPPED, and its reservation is reserved`);
      expect(found.output).to.include('Left out: --without provider.');
      const away = await run('--wait', '0', '--without', 'broker,mail', '--json');
      expect(away.code).to.equal(0);
      expect(JSON.parse(away.output.trimEnd().split('\n').at(-1) ?? '')).to.include({ sound: true });
    });

    it('exits with 2 when it is told something it does not know', async () => {
      const { code, output } = await run('--without', 'everything');
      expect(code).to.equal(2);
      expect(output).to.include('--without must be some of provider, broker, mail');
    });
  });
});

let posted = 0;

async function post(url: string, body: object): Promise<void> {
  posted += 1;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${DEVELOPMENT.providerKey}`,
      'content-type': 'application/json',
      'idempotency-key': `planted-${posted}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the sandbox refused: ${response.status} ${await response.text()}`);
}
