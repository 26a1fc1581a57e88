import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
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

describe('a request that cannot be read', () => {
  let store: TestDatabase;
  let intake: TestIntake;
  const sockets: Socket[] = [];

  before(async () => {
    store = await createDatabase();
    intake = await TestIntake.start({ databaseUrl: store.url });
    await stockCatalogue(store.database);
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await intake.close();
    await store.close();
  });

  /** What has come back on a connection on which this was written. */
  const write = (request: string) => {
    const { hostname, port } = new URL(intake.url);
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    const said = { socket, text: '', ended: once(socket, 'close') };
    socket.on('data', (text: string) => {
      said.text += text;
    });
    sockets.push(socket);
    socket.write(request);
    return said;
  };

  for (const [what, request, status, code] of UNREAD) {
    it(`for ${what} is refused as ${status} request.${code}, as a problem`, async () => {
      const said = write(request);
      const [head = '', body = ''] = await until('there is a whole answer', () => {
        const parts = said.text.split('\r\n\r\n');
        return parts[1]?.endsWith('}') ? parts : undefined;
      });
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
