import { appendFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { createTransport, type Transporter } from 'nodemailer';
import { mailSinkEnvironment } from '../environment.js';
import type { Running } from '../lifecycle.js';
import { withFolder } from '../support/folder.js';
import { withSandbox } from '../support/process.js';
import { startMailSink } from './mail-sink.js';
import type { MailSummary } from './mail-store.js';

/** A shop's mailer and an auditor in one. */
class Client {
  readonly mailer: Transporter;

  constructor(
    private readonly url: string,
    readonly smtpUrl: string,
  ) {
    this.mailer = createTransport({ url: smtpUrl, pool: true, maxConnections: 3 });
  }

  send(orderId: string, occasion = 'confirmed', to = `${orderId}@example.test`): Promise<unknown> {
    return this.mailer.sendMail({
      from: 'Shop <shop@example.test>',
      to,
      subject: 'Your order is confirmed – danke!',
      messageId: `<${orderId}.${occasion}@warren>`,
      headers: { 'X-Warren-Order': orderId, 'X-Warren-Occasion': occasion },
      text: `Order ${orderId}\n.\n..dots and größe`,
      html: `<p>Order <b>${orderId}</b></p>`,
    });
  }

  // The bodies are many; a test says what it expects of the one it gets.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  async get(path: string): Promise<any> {
    return (await this.fetch(path)).json();
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(5_000) });
  }

  set(settings: object): Promise<Response> {
    return this.fetch('/settings', { method: 'PUT', body: JSON.stringify(settings) });
  }
}

function start(folder: string): Promise<Running> {
  return startMailSink(mailSinkEnvironment({ NODE_ENV: 'test', MAIL_SINK_DIR: folder }));
}

async function withSink(use: (sink: Client, folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const running = await start(folder);
    const sink = new Client(running.url, running.smtpUrl ?? '');
    try {
      await use(sink, folder);
    } finally {
      sink.mailer.close();
      await running.stop();
    }
  });
}

describe('the mail sink', () => {
  it('keeps a mail as it was sent, and gives back its headers, text, HTML and source', () =>
    withSink(async (sink) => {
      await sink.send('o1');
      const { items } = await sink.get('/messages');
      expect(items).to.have.length(1);
      expect(items[0]).to.deep.include({
        n: 1,
        from: 'shop@example.test',
        to: ['o1@example.test'],
        subject: 'Your order is confirmed – danke!',
        messageId: '<o1.confirmed@warren>',
        orderId: 'o1',
        occasion: 'confirmed',
      });
      const whole = await sink.get('/messages/1');
      expect(whole.text.trim().split(/\r?\n/)).to.deep.equal(['Order o1', '.', '..dots and größe']);
      expect(whole.html.trim()).to.equal('<p>Order <b>o1</b></p>');
      expect(whole.raw).to.have.length(items[0].size).and.include('X-Warren-Order: o1');
      const part = await sink.fetch('/messages/1?part=html');
      expect(part.headers.get('content-type')).to.include('text/html');
      expect((await part.text()).trim()).to.equal('<p>Order <b>o1</b></p>');
      expect(await (await sink.fetch('/messages/1?part=raw')).text()).to.equal(whole.raw);
    }));

  it('lists by recipient and by order, page by page, oldest first', () =>
    withSink(async (sink) => {
      for (const order of ['o1', 'o2', 'o3', 'o4', 'o5']) await sink.send(order, 'confirmed', 'Ann@Example.test');
      await sink.send('o1', 'shipped', 'bob@example.test');
      const orders = ({ items }: { items: MailSummary[] }) => items.map(({ orderId }) => orderId);

      expect(orders(await sink.get('/messages?orderId=o1'))).to.deep.equal(['o1', 'o1']);
      expect(orders(await sink.get('/messages?to=bob@example.test'))).to.deep.equal(['o1']);
      const first = await sink.get('/messages?to=ann@example.test&limit=2');
      const second = await sink.get(`/messages?to=ann@example.test&limit=2&cursor=${first.nextCursor}`);
      const third = await sink.get(`/messages?to=ann@example.test&limit=2&cursor=${second.nextCursor}`);
      expect([first, second, third].map(orders)).to.deep.equal([['o1', 'o2'], ['o3', 'o4'], ['o5']]);
      expect(third).to.not.have.property('nextCursor');
    }));

  it('counts mails that repeat a Message-ID as duplicates, by order and by occasion', () =>
    withSink(async (sink) => {
      await sink.send('o1', 'confirmed');
      await sink.send('o1', 'confirmed');
      await sink.send('o1', 'shipped');
      await sink.send('o2', 'confirmed');
      expect(await sink.get('/counts')).to.deep.equal({ total: 4, distinct: 3, duplicates: 1 });
      expect((await sink.get('/counts?by=occasion')).groups).to.have.deep.members([
        { occasion: 'confirmed', total: 3, distinct: 2 },
        { occasion: 'shipped', total: 1, distinct: 1 },
      ]);
      expect((await sink.get('/counts?by=order')).groups).to.have.deep.members([
        { orderId: 'o1', occasion: 'confirmed', total: 2, distinct: 1 },
        { orderId: 'o1', occasion: 'shipped', total: 1, distinct: 1 },
        { orderId: 'o2', occasion: 'confirmed', total: 1, distinct: 1 },
      ]);
    }));

  it('forgets all on DELETE and counts from 1 again', () =>
    withSink(async (sink) => {
      await sink.send('o1');
      await sink.get('/counts');
      expect((await sink.fetch('/messages', { method: 'DELETE' })).status).to.equal(204);
      await sink.send('o2');
      const { items } = await sink.get('/messages');
      expect(items.map(({ n, orderId }: MailSummary) => [n, orderId])).to.deep.equal([[1, 'o2']]);
    }));

  it('loses none of many mails that are sent at once', () =>
    withSink(async (sink) => {
      await Promise.all(Array.from({ length: 300 }, (_, i) => sink.send(`o${i}`)));
      expect(await sink.get('/counts')).to.deep.equal({ total: 300, distinct: 300, duplicates: 0 });
    }));

  it('accepts any credentials, as SMTP_URL may name some', () =>
    withSink(async (sink) => {
      const mailer = createTransport(sink.smtpUrl.replace('//', '//user:secret@'));
      await mailer.sendMail({ from: 'a@example.test', to: 'b@example.test', text: 'hello' });
      expect((await sink.get('/counts')).total).to.equal(1);
    }));

  it('shows people a page in which what a customer wrote is text', () =>
    withSink(async (sink) => {
      await sink.mailer.sendMail({ from: 'a@example.test', to: 'b@example.test', subject: '<script>x</script>' });
      const response = await sink.fetch('/');
      expect(response.headers.get('content-security-policy')).to.include("default-src 'none'");
      expect(await response.text())
        .to.include('&#60;script&#62;x')
        .and.not.include('<script>');
    }));

  it('refuses with 451 and keeps nothing at a reject rate of 1', () =>
    withSink(async (sink) => {
      await sink.set({ rejectRate: 1 });
      const refused = await sink.send('o1').catch((error: { responseCode: number }) => error.responseCode);
      expect(refused).to.equal(451);
      await sink.set({ rejectRate: 0 });
      await sink.send('o2');
      const { items } = await sink.get('/messages');
      expect(items.map(({ orderId }: MailSummary) => orderId)).to.deep.equal(['o2']);
    }));

  it('keeps the mail and cuts the connection at an accept-then-drop rate of 1', () =>
    withSink(async (sink) => {
      await sink.set({ acceptThenDropRate: 1 });
      const failed = await sink.send('o1').catch((error: { responseCode?: number }) => error);
      expect(failed).to.be.an('error').and.not.have.property('responseCode');
      expect(await sink.get('/counts')).to.include({ total: 1 });
      await sink.set({ acceptThenDropRate: 0 });
      await sink.send('o1');
      expect(await sink.get('/counts')).to.deep.equal({ total: 2, distinct: 1, duplicates: 1 });
    }));

  it('goes on for the others when a client breaks off in the middle of a mail', () =>
    withFolder((folder) =>
      // A process of its own: in the test's, mocha would bear what ends it.
      withSandbox('mail-sink/start.js', { NODE_ENV: 'test', MAIL_SINK_DIR: folder }, async ({ log, end }) => {
        const sink = new Client(log.url, log.smtpUrl);
        const { hostname, port } = new URL(log.smtpUrl);
        const half =
          'EHLO me\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\nSubject: half\r\n\r\nha';
        for (const breakOff of ['destroy', 'resetAndDestroy'] as const) {
          const socket = connect(Number(port), hostname);
          await new Promise<void>((resolve) => {
            let heard = '';
            socket.on('data', (chunk) => {
              if (heard === '') socket.write(half);
              heard += chunk;
              if (heard.includes('\r\n354')) resolve();
            });
          });
          socket[breakOff]();
          await sink.send(breakOff);
        }
        sink.mailer.close();
        expect((await sink.get('/messages')).items).to.have.length(2);
        expect(await end('SIGTERM')).to.equal(0);
      }),
    ));

  for (const path of [
    '/messages?limit=0',
    '/messages?limit=x',
    '/messages?cursor=-1',
    '/counts?by=day',
    '/?before=x',
  ]) {
    it(`answers 400 to ${path}`, () =>
      withSink(async (sink) => {
        expect((await sink.fetch(path)).status).to.equal(400);
      }));
  }

  it('answers 404 for a mail it does not have', () =>
    withSink(async (sink) => {
      expect((await sink.fetch('/messages/1')).status).to.equal(404);
    }));

  it('keeps what it has answered through kill -9, whatever the last write left behind', () =>
    withFolder(async (folder) => {
      const environment = { NODE_ENV: 'development', MAIL_SINK_DIR: folder };
      await withSandbox('mail-sink/start.js', environment, async ({ log, end }) => {
        const sink = new Client(log.url, log.smtpUrl);
        await Promise.all(Array.from({ length: 30 }, (_, i) => sink.send(`o${i}`)));
        await end('SIGKILL');
        sink.mailer.close();
      });
      await appendFile(join(folder, 'mails.ndjson'), '{"at":"2026');

      await withSandbox('mail-sink/start.js', environment, async ({ log, end }) => {
        const sink = new Client(log.url, log.smtpUrl);
        await sink.send('o30');
        sink.mailer.close();
        expect(await sink.get('/counts')).to.deep.equal({ total: 31, distinct: 31, duplicates: 0 });
        expect((await sink.get('/messages?cursor=30')).items[0].orderId).to.equal('o30');
        expect(await end('SIGTERM')).to.equal(0);
      });
    }));
});
