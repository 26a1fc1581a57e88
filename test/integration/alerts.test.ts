import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { SMTPServer } from 'smtp-server';
import { createLogger } from '../../shared/observability/log.js';
import { AlertBook } from '../../shared/postgres/alert-book.js';
import { Alerting } from '../../workers/scheduler/alerts/alerting.js';
import { mail } from '../../workers/scheduler/alerts/mail.js';
import type { Bulletin, Receiver } from '../../workers/scheduler/alerts/receiver.js';
import { webhook } from '../../workers/scheduler/alerts/webhook.js';
import type { FleetReadings } from '../../workers/scheduler/fleet-readings.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { freePorts } from '../support/free-ports.js';
import { type ScriptedHttp, startScriptedHttp } from '../support/scripted-http.js';

const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

/** A fleet with so many dead letters, and otherwise well. */
const letters = (count: number): FleetReadings => ({
  queues: [{ queue: 'payment', consumed: true, lagMs: 0, waiting: 0, consumers: 1 }],
  outbox: { depth: 0, oldestMs: 0 },
  timers: { scheduled: 0, overdue: 0, overdueMs: 0 },
  letters: count === 0 ? [] : [{ actor: 'payment', fingerprint: 'f', code: 'card.odd', status: 'open', count }],
  audit: [],
  notices: [],
});

describe('alerts', () => {
  let database: TestDatabase;
  let http: ScriptedHttp;

  const started = (...receivers: Receiver[]): Alerting => {
    const thresholds = { lagS: 300, outboxS: 120 };
    const options = { thresholds, receivers, repeatMs: 3_600_000, release: 'r7', holder: randomUUID() };
    return new Alerting(database.database, options, log);
  };
  /** The scheduler that had the turn has died. */
  const lapse = () =>
    database.database.query({ text: `update alert_turn set held_until = now() - interval '1 second'` });
  const told = () => http.asked.map(({ body }) => (body as { text: string }).text);
  const STANDS = '3 dead letters of payment wait for somebody: 3 card.odd';

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.database);
    http = await startScriptedHttp();
  });
  afterEach(() => http.close());

  it('are told to a webhook once, also when the scheduler starts again, and their end too', async () => {
    http.answer([200], [204]);
    const first = started(webhook(`${http.url}/hook`));
    for (let round = 0; round < 3; round++) await first.round(letters(3));
    await lapse();
    const second = started(webhook(`${http.url}/hook`));
    for (let round = 0; round < 3; round++) await second.round(letters(3));
    expect(told()).to.deep.equal([STANDS]);
    expect(http.asked[0]?.line).to.equal('POST /hook');
    // As if it had been well for a while.
    await second.round(letters(0));
    await database.database.query({
      text: `update alerts set alert = alert || jsonb_build_object('wellSince', (alert -> 'wellSince')::numeric - 60000)`,
    });
    await second.round(letters(0));
    await second.round(letters(0));
    expect(told()).to.deep.equal([STANDS, `Over: ${STANDS}`]);
    const { rows } = await database.database.query({ text: 'select from alerts' });
    expect(rows).to.have.length(0);
  });

  it('are told by one of two schedulers, and by the other when the first is gone', async () => {
    const saw: string[] = [];
    const receiver = (who: string): Receiver => ({
      name: 'webhook',
      tell: async ({ news }: Bulletin) => void saw.push(...news.map(({ status }) => `${who} ${status}`)),
    });
    const [first, second] = [started(receiver('first')), started(receiver('second'))];
    for (let round = 0; round < 2; round++) {
      await first.round(letters(0));
      await second.round(letters(3));
    }
    expect(saw).to.deep.equal([]);
    await first.stop();
    await second.round(letters(3));
    await first.round(letters(3));
    expect(saw).to.deep.equal(['second raised']);
  });

  it('are told again to a webhook that did not take them, not at once, and nobody else hears them twice', async () => {
    http.answer([500], [200]);
    const heard: string[] = [];
    const other: Receiver = { name: 'mail', tell: async ({ news }) => void heard.push(...news.map(({ id }) => id)) };
    const alerting = started(webhook(http.url), other);
    await alerting.round(letters(3));
    await alerting.round(letters(3));
    expect(http.asked).to.have.length(1);
    // Another process knows nothing of the failure.
    await lapse();
    await started(webhook(http.url), other).round(letters(3));
    expect(told()).to.deep.equal([STANDS, STANDS]);
    expect(heard).to.have.length(1);
    const ids = http.asked.map(({ body }) => (body as { alerts: { id: string }[] }).alerts[0]?.id);
    expect(ids[0]).to.equal(ids[1]);
  });

  it('are not written over by a scheduler that has lost its turn', async () => {
    const [holder, slow] = [randomUUID(), randomUUID()].map((id) => new AlertBook<object>(database.database, id));
    expect(await slow?.takeTurn()).to.be.a('number');
    await lapse();
    expect(await holder?.takeTurn()).to.be.a('number');
    await holder?.write(new Map([['lag payment', { phase: 'raised' }]]));
    await slow?.write(new Map());
    expect(await slow?.takeTurn()).to.equal(undefined);
    expect(await holder?.read()).to.deep.equal([{ phase: 'raised' }]);
  });

  it('go out by mail', async () => {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        const chunks: Buffer[] = [];
        stream
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () => {
            mails.push(Buffer.concat(chunks).toString());
            done();
          });
      },
    });
    const [port = 0] = await freePorts(1);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      const by = mail({
        url: `smtp://127.0.0.1:${port}`,
        from: 'Warren <shop@warren.example>',
        to: 'ada@warren.example, bo@warren.example',
      });
      await started(by).round(letters(3));
      expect(mails).to.have.length(1);
      expect(mails[0]).to.match(/^To: ada@warren.example, bo@warren.example\r?$/m);
      expect(mails[0]).to.include(`Subject: Warren: 3 dead letters of payment`);
      expect(mails[0]).to.match(/^X-Warren-Occasion: alert\r?$/m);
      expect(mails[0]).to.include('npx warren dead-letters groups');
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  });
});
