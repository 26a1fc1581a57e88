/** What is no HTTP, or hardly: written to a connection as it is. */
import fc from 'fast-check';

const HEAD = 'POST /orders HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n';

const BROKEN: readonly string[] = [
  'hello\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: here\r\n\r\n',
  'GET /stock HTTP/1.1\r\n\r\n',
  'GET /stock HTTP/1.0\r\n\r\n',
  'GET /stock HTTP/1.1\r\nHost: here\r\nno colon\r\n\r\n',
  'GET /stock HTTP/1.1\nHost: here\n\n',
  'GET http://elsewhere/stock HTTP/1.1\r\nHost: here\r\n\r\n',
  'CONNECT here:80 HTTP/1.1\r\nHost: here\r\n\r\n',
  'GET /stock HTTP/1.1\r\nHost: here\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
  `${HEAD}Content-Length: -1\r\n\r\n`,
  `${HEAD}Content-Length: 1e3\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  `${HEAD}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
  `${HEAD}Expect: a miracle\r\nContent-Length: 2\r\n\r\n{}`,
  `GET /stock HTTP/1.1\r\nHost: here\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: here\r\n\r\n`,
  `${'GET /nothing HTTP/1.1\r\nHost: here\r\n\r\n'.repeat(20)}`,
];

/** Broken requests, whole, cut off, mixed with noise or one after the other; and noise alone. */
export const HOSTILE_BYTES: fc.Arbitrary<Buffer> = fc.oneof(
  fc.constantFrom(...BROKEN).map((text) => Buffer.from(text, 'latin1')),
  fc
    .tuple(fc.constantFrom(...BROKEN), fc.nat(200))
    .map(([text, length]) => Buffer.from(text.slice(0, length), 'latin1')),
  fc
    .tuple(fc.constantFrom(...BROKEN), fc.nat(100), fc.uint8Array({ minLength: 1, maxLength: 20 }))
    .map(([text, at, noise]) => Buffer.concat([Buffer.from(text.slice(0, at)), noise, Buffer.from(text.slice(at))])),
  fc.uint8Array({ minLength: 1, maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
);
