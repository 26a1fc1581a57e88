/**
 * What Node refuses before Fastify has a request of it: answered as a problem like every other refusal. Node would send a
 * bare status, Fastify a body of its own.
 */
import { type IncomingMessage, maxHeaderSize, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { Problem } from './problem.js';
import type { App } from './type-provider.js';

/** A request is to arrive within this time, headers and body, in milliseconds. */
export const ARRIVES_WITHIN_MS = 30_000;

/** Far more than any client sends; Node drops what comes beyond its own bound without a word. */
const HEADERS_AT_MOST = 100;

/** Fastify's handler for what Node's parser does not take; the connection ends, as where the next request begins is not known. */
export function refuseUnread(error: ConnectionError, socket: Socket): void {
  if (!socket.writable || answering(socket)) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = answerTo(unread(error));
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  socket.destroySoon();
}

/** Refuses, in the place of Node, an expectation other than `100-continue`, more headers than are looked at, and a request that names no host. */
export function refuseUnmet(app: App): void {
  app.server.maxHeadersCount = HEADERS_AT_MOST + 1;
  app.server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = answerTo(new Problem('request.expectation', 'Leave the header Expect out.'));
    response.writeHead(status, headers).end(body);
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.raw.rawHeaders.length > 2 * HEADERS_AT_MOST) {
      reply.header('connection', 'close');
      return done(new Problem('request.headers-too-large', `Send at most ${HEADERS_AT_MOST} headers.`));
    }
    if (request.headers.host !== undefined || request.raw.httpVersion !== '1.1') return done();
    reply.header('connection', 'close');
    done(new Problem('request.malformed', 'Send the header Host.'));
  });
}

/** Codes of Node's parser, where they say more than that it could not read on. */
function unread({ code }: ConnectionError): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request.timeout', `Send headers and body within ${ARRIVES_WITHIN_MS / 1000} seconds.`);
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('request.headers-too-large', `Send at most ${maxHeaderSize / 1024} KiB of path and headers.`);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('request.too-large', 'Send chunks without extensions.');
    default:
      return new Problem(
        'request.malformed',
        'Check the request line, the headers and how the length of the body is given.',
      );
  }
}

function answerTo(problem: Problem) {
  const body = JSON.stringify(problem.body());
  return {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    },
    body,
  };
}

/** True while an answer is being sent, into which no other may be written. Node keeps it where its own handler looks for it. */
const answering = (socket: Socket & { readonly _httpMessage?: ServerResponse | null }): boolean =>
  socket._httpMessage?.headersSent ?? false;
