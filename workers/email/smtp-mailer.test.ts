import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { PermanentError, TransientError } from '../../shared/actors/errors.js';
import { Provider } from '../../shared/providers/provider.js';
import { ORDER_ID, placed } from '../../test/support/sample-order.js';
import { failureOf } from '../../test/support/scripted-http.js';
import { until } from '../../test/support/until.js';
import { confirmedMail, type Mail } from './mails.js';
import { SmtpMailer } from './smtp-mailer.js';

const { customer, lines, total } = placed;
const mail = confirmedMail({ orderId: ORDER_ID, lines, total }, customer);
const to = (changed: Partial<Mail['to']>): Mail => ({ ...mail, to: { ...customer, ...changed } });

interface Received {
  readonly recipients: readonly string[];
  readonly headers: string;
  readonly body: string;
}

describe('mail over SMTP', () => {
  let received: Received[];
  let answers: Pick<SMTPServerOptions, 'onMailFrom' | 'onRcptTo'> & {
    afterText?: (done: (error?: Error) => void) => void;
  };
  let server: SMTPServer;
  let mailer: SmtpMailer;
  const signal = new AbortController().signal;
  const accept = (_address: unknown, _session: unknown, done: () => void) => done();

  let provider: Provider;
  let sessions: number;
  let logins: string[];
  beforeEach(async () => {
    received = [];
    answers = {};
    sessions = 0;
    logins = [];
    provider = new Provider({ name: 'mail server', failures: 2, openMs: 60_000 });
    await startServer(['STARTTLS']);
    mailer = mailerWith();
  });
  const startServer = async (disabledCommands: string[]): Promise<void> => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands,
      disableReverseLookup: true,
      onConnect: (_session, done) => {
        sessions += 1;
        done();
      },
      onAuth: ({ username, password }, { secure }, done) => {
        logins.push(`${username} ${password} ${secure ? 'encrypted' : 'in the open'}`);
        done(null, { user: username });
      },
      onMailFrom: (address, session, done) => (answers.onMailFrom ?? accept)(address, session, done),
      onRcptTo: (address, session, done) => (answers.onRcptTo ?? accept)(address, session, done),
      onData: async (stream, { envelope }, done) => {
        let text = '';
        for await (const chunk of stream) text += chunk;
        const [headers = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
        received.push({ recipients: envelope.rcptTo.map(({ address }) => address), headers, body });
        (answers.afterText ?? ((accepted) => accepted()))(done);
      },
    });
    // Clients that break off are part of the tests.
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
  };
  const stopServer = (): Promise<void> => new Promise((closed) => server.close(closed));
  const mailerWith = (credentials = ''): SmtpMailer => {
    const { port } = server.server.address() as AddressInfo;
    return new SmtpMailer({
      url: `smtp://${credentials}127.0.0.1:${port}?tls.rejectUnauthorized=false`,
      from: { name: 'The Shop', address: 'orders@shop.example' },
      connections: 2,
      timeoutMs: 10_000,
      provider,
    });
  };
  afterEach(async () => {
    await mailer.close();
    await stopServer();
  });

  it('goes to the customer with text and HTML, named by order and occasion', async () => {
    expect(await mailer.send(mail, signal)).to.deep.equal({ messageId: `<${ORDER_ID}.confirmed@shop.example>` });
    const { recipients, headers, body } = only(received);
    expect(recipients).to.deep.equal([customer.email]);
    expect(headers).to.include('From: The Shop <orders@shop.example>');
    expect(headers).to.include('To: Ada Lovelace <ada@example.test>');
    expect(headers).to.include('Subject: Your order is confirmed!');
    expect(headers).to.include(`X-Warren-Order: ${ORDER_ID}`).and.include('X-Warren-Occasion: confirmed');
    expect(headers).to.include(`Message-ID: <${ORDER_ID}.confirmed@shop.example>`);
    expect(body).to.include('text/plain').and.include('text/html');
  });

  it('has the same Message-ID when it is sent again', async () => {
    await mailer.send(mail, signal);
    await mailer.send(mail, signal);
    const ids = received.map(({ headers }) => /^Message-ID: (.*)$/m.exec(headers)?.[1]);
    expect(ids).to.deep.equal([`<${ORDER_ID}.confirmed@shop.example>`, `<${ORDER_ID}.confirmed@shop.example>`]);
  });

  it('gets no header and no recipient from what a customer wrote as name', async () => {
    await mailer.send(to({ name: 'Eve\r\nBcc: all@example.test\r\n\r\nHello <eve@example.test>, "x' }), signal);
    const { recipients, headers } = only(received);
    expect(recipients).to.deep.equal([customer.email]);
    expect(headers).not.to.match(/^Bcc:/im);
    expect(headers).to.match(/^Subject: Your order is confirmed!/m);
  });

  it('goes to nobody when the address is more than one', async () => {
    for (const email of [
      'a@example.test\r\nRCPT TO:<b@example.test>',
      'a@example.test,b@example.test',
      '<a@b.test>',
      'a',
    ]) {
      expect(await failureOf(mailer.send(to({ email }), signal))).to.be.instanceOf(PermanentError);
    }
    expect(received).to.deep.equal([]);
  });

  const refusal = (responseCode: number) => Object.assign(new Error('no'), { responseCode });

  it('is given up when the server refuses the recipient or the mail for good', async () => {
    answers = { onRcptTo: (_address, _session, done) => done(refusal(550)) };
    expect(await failureOf(mailer.send(mail, signal)))
      .to.be.instanceOf(PermanentError)
      .and.include({ code: 'mail.refused' });
    answers = { afterText: (done) => done(refusal(554)) };
    expect(await failureOf(mailer.send(mail, signal))).to.be.instanceOf(PermanentError);
  });

  it('is tried again when the server refuses it for now, or refuses us', async () => {
    for (const refusing of [
      { onRcptTo: (_address, _session, done) => done(refusal(451)) },
      { onMailFrom: (_address, _session, done) => done(refusal(550)) },
      { afterText: (done) => done(refusal(451)) },
    ] satisfies (typeof answers)[]) {
      answers = refusing;
      expect(await failureOf(mailer.send(mail, signal)))
        .to.be.instanceOf(TransientError)
        .and.include({ code: 'mail.unavailable' });
    }
  });

  it('is sent once by one attempt when the server takes it and breaks off', async () => {
    answers = {
      afterText: () => {
        for (const connection of server.connections) connection.close();
      },
    };
    expect(await failureOf(mailer.send(mail, signal))).to.be.instanceOf(TransientError);
    expect(received).to.have.length(1);
  });

  it('is not waited for once the effect is aborted, and the next one goes out', async () => {
    const controller = new AbortController();
    answers = { afterText: () => controller.abort() };
    expect(await failureOf(mailer.send(mail, controller.signal))).to.be.instanceOf(TransientError);
    answers = {};
    await mailer.send(mail, signal);
    expect(received).to.have.length(2);
  });

  it('goes over sessions that are kept, and no more than it may have', async () => {
    await Promise.all(Array.from({ length: 6 }, () => mailer.send(mail, signal)));
    expect(received).to.have.length(6);
    expect(sessions).to.equal(2);
  });

  it('that waits for a session is given up once the effect is aborted, and costs no session', async () => {
    let begun = 0;
    answers = { afterText: () => void begun++ };
    const holding = [mailer.send(mail, signal), mailer.send(mail, signal)].map(failureOf);
    await until('both sessions are taken', () => begun === 2);
    const controller = new AbortController();
    const waiting = failureOf(mailer.send(mail, controller.signal));
    controller.abort();
    expect(await waiting).to.be.instanceOf(TransientError);
    expect(sessions).to.equal(2);
    await mailer.close();
    await Promise.all(holding);
    expect(await failureOf(mailer.send(mail, signal))).to.be.instanceOf(TransientError);
    expect(sessions).to.equal(2);
  });

  it('goes over a new session when the server has ended those that were kept', async () => {
    await mailer.send(mail, signal);
    const [connection] = server.connections;
    connection?.close();
    const open = promisify(server.server.getConnections.bind(server.server));
    await until('the session has ended', async () => (await open()) === 0);
    await mailer.send(mail, signal);
    expect(sessions).to.equal(2);
  });

  it('is encrypted where the server can, before the login is told', async () => {
    await mailer.close();
    await stopServer();
    await startServer([]);
    mailer = mailerWith('shop:s%40cret@');
    await mailer.send(mail, signal);
    expect(logins).to.deep.equal(['shop s@cret encrypted']);
  });

  it('is tried again when no server is there, and then not for a while', async () => {
    await stopServer();
    expect(await failureOf(mailer.send(mail, signal))).to.be.instanceOf(TransientError);
    expect(provider.circuit).to.equal('closed');
    await failureOf(mailer.send(mail, signal));
    expect(provider.circuit).to.equal('open');
  });

  it('waits while the server is going away, but not for one that refuses a mail', async () => {
    const refusing = (responseCode: number): typeof answers => ({
      onRcptTo: (_address, _session, done) => done(refusal(responseCode)),
    });
    const circuitAfter = async (...responseCodes: readonly number[]) => {
      for (const responseCode of responseCodes) {
        answers = refusing(responseCode);
        await failureOf(mailer.send(mail, signal));
      }
      return provider.circuit;
    };
    expect(await circuitAfter(550, 451, 550, 451, 421, 550, 421, 451)).to.equal('closed');
    expect(await circuitAfter(421, 421)).to.equal('open');
  });
});

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`one was expected, not ${items.length}`);
  return item;
}
