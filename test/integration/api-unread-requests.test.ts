import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { register } from 'prom-client';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

const POST = 'POST /orders HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n';

/** What a client writes, and what it is told. */
const UNREAD: readonly (readonly [what: string, request: string, status: number, code: string])[] = [
  [
    'headers over 16 KiB',
    `GET /stock HTTP/1.1\r\nHost: here\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers-too-large',
  ],
  [
    'more than 100 headers',
    `GET /stock HTTP/1.1\r\nHost: here\r\n${'X: y\r\n'.repeat(150)}\r\n`,
    431,
    'headers-too-large',
  ],
  ['a path over 16 KiB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: here\r\n\r\n`, 431, 'headers-too-large'],
  [
    'both ways to give a length',
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'malformed',
  ],
  ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400, 'malformed'],
  ['no request line', 'hello\r\n\r\n', 400, 'malformed'],
  ['a method that is none', 'FETCH /stock HTTP/1.1\r\nHost: here\r\n\r\n', 400, 'malformed'],
  ['a version that is none', 'GET /stock HTTP/9.9\r\nHost: here\r\n\r\n', 400, 'malformed'],
  ['a header that is none', 'GET /stock HTTP/1.1\r\nHost: here\r\nno colon\r\n\r\n', 400, 'malformed'],
  ['no Host', 'GET /stock HTTP/1.1\r\n\r\n', 400, 'malformed'],
  ['an expectation nobody knows', `${POST}Expect: a miracle\r\nContent-Length: 2\r\n\r\n{}`, 417, 'expectation'],
  [
    'endless extensions of a chunk',
    `${POST}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
    413,
    'too-large',
  ],
];

interface Said {
  readonly socket: Socket;
  readonly ended: Promise<unknown>;
  text: string;
}

/** What has come back on a connection to the intake on which this was written. */
function write({ url }: TestIntake, request: string): Said {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  const said: Said = { socket, text: '', ended: once(socket, 'close') };
  socket.on('data', (text: string) => {
    said.text += text;
  });
  // Who is closed unanswered may be reset.
  socket.on('error', () => undefined);
  socket.write(request);
  return said;
}

/** The whole answer: its head, and its body. */
const answerOn = (said: Said): Promise<string[]> =>
  until('there is a whole answer', () => {
    const parts = said.text.split('\r\n\r\n');
    return parts[1]?.endsWith('}') ? parts : undefined;
  });

describe('a request that cannot be read', () => {
  let store: TestDatabase;
  let intake: TestIntake;

  before(async () => {
    store = await createDatabase();
    intake = await TestIntake.start({ databaseUrl: store.url });
    await stockCatalogue(store.database);
  });
  after(async () => {
    await intake.close();
    await store.close();
  });

  for (const [what, request, status, code] of UNREAD) {
    it(`for ${what} is refused as ${status} request.${code}, as a problem`, async () => {
      const said = write(intake, request);
      const [head = '', body = ''] = await answerOn(said);
      expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head.toLowerCase()).to.include('content-type: application/problem+json');
      expect(head.toLowerCase()).to.include(`content-length: ${Buffer.byteLength(body)}`);
      expect(JSON.parse(body))
        .to.include({ status, code: `request.${code}` })
        .and.include.keys('type', 'title', 'detail');
      await said.ended;
    });
  }

  it('does not break into an answer that is being sent', async () => {
    const { body } = await intake.call('POST', '/orders', { headers: { 'idempotency-key': 'one' }, body: orderBody });
    const said = write(
      intake,
      `GET /orders/${body['orderId']}/events HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${intake.key}\r\nAccept: text/event-stream\r\n\r\n`,
    );
    await until('the stream runs', () => said.text.includes('orders.order-placed'));
    said.socket.write('hello\r\n\r\n');
    await said.ended;
    expect(said.text)
      .to.match(/^HTTP\/1.1 200 /)
      .and.not.include('problem+json');
  });
});

describe('a request that does not arrive', () => {
  const web = intakePerTest(() => ({ parts: { arrivesWithinMs: 200 } }));

  for (const [what, begun, more] of [
    ['nothing at all', '', ''],
    ['headers that do not end', 'GET /stock HTTP/1.1\r\nHost: here\r\n', ''],
    ['headers that come one by one', 'GET /stock HTTP/1.1\r\nHost: here\r\n', 'X: y\r\n'],
    ['a body that never comes', `${POST}Content-Length: 10\r\n`, ''],
    ['a body that comes byte by byte', `${POST}Content-Length: 10000\r\n`, '1'],
    ['chunks without an end', `${POST}Transfer-Encoding: chunked\r\n`, '1\r\n1\r\n'],
  ] as const) {
    it(`for ${what} is refused as 408, and its connection ends`, async () => {
      const authorized = begun.startsWith('POST');
      const said = write(
        web.intake,
        authorized ? `${begun}Idempotency-Key: one\r\nAuthorization: Bearer ${web.intake.key}\r\n\r\n` : begun,
      );
      const trickle = setInterval(() => void said.socket.write(more), 20);
      try {
        const [head = '', body = ''] = await answerOn(said);
        expect(head).to.match(/^HTTP\/1.1 408 /);
        expect(head.toLowerCase()).to.include('content-type: application/problem+json');
        expect(JSON.parse(body)).to.include({ status: 408, code: 'request.timeout' });
        await said.ended;
      } finally {
        clearInterval(trickle);
        said.socket.destroy();
      }
      const { rows } = await web.database.query({ text: 'select from orders' });
      expect(rows).to.have.length(0);
      expect((await web.intake.call('GET', '/stock')).status, 'others are answered').to.equal(200);
    });
  }
});

describe('connections beyond what web holds', () => {
  const web = intakePerTest(() => ({ parts: { connectionsAtMost: 3 } }));

  it('are closed unanswered and counted, and there is room again when another ends', async () => {
    const GET = 'GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n';
    const dropped = async (): Promise<number> =>
      Number(/warren_intake_refused_total\{full="connections"\} (\d+)/.exec(await register.metrics())?.[1] ?? 0);
    const before = await dropped();
    const held = [GET, GET, GET].map((request) => write(web.intake, request));
    await until('they are answered', () => held.every(({ text }) => text.includes(' 200 ')));
    const beyond = write(web.intake, GET);
    await beyond.ended;
    expect(beyond.text).to.equal('');
    expect(await dropped()).to.equal(before + 1);
    held[0]?.socket.destroy();
    await until('it is gone', async () => (await web.intake.connections()) === 2);
    const next = write(web.intake, GET);
    await until('it is answered', () => next.text.includes(' 200 '));
    for (const { socket } of [...held, next]) socket.destroy();
  });
});
