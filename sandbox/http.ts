/** What both sandbox processes need of HTTP: loopback only, JSON answers, health, and a stop that finishes what is begun. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 1 << 20;
const STOP_WITHIN_MS = 5_000;
/** Longer than clients keep an idle connection, so that it is they who close it and no request meets a closed socket. */
const KEEP_ALIVE_MS = 65_000;

/** The request is wrong: answered with 400, and nothing is done. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';
  readonly code = 'invalid_request';
}

/** The client went away before it had sent its request. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

export interface HttpServer {
  url: string;
  /** Refuses new connections, finishes what is begun within 5 s, and cuts what is left. */
  close(): Promise<void>;
}

/** Fails the process on any error of `answer` but InvalidRequest: a sandbox that limps would hide faults. */
export async function serve(
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<HttpServer> {
  let stopping = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (request.url === '/healthz') return answerJson(response, 200, { status: 'ok' });
    if (request.url === '/readyz') {
      return answerJson(response, stopping ? 503 : 200, { status: stopping ? 'stopping' : 'ok' });
    }
    answer(request, response).catch((error: unknown) => {
      if (error instanceof ClientGone) return;
      if (!(error instanceof InvalidRequest)) throw error;
      answerJson(response, 400, { code: error.code, reason: error.message });
    });
  });
  const listening = await listen(server, port);
  return {
    url: `http://${LOOPBACK}:${listening}`,
    close: () =>
      new Promise((resolve) => {
        stopping = true;
        // A connection that was busy when the stop began is kept alive by its client afterwards.
        const closeFinished = setInterval(() => server.closeIdleConnections(), 20);
        const cutRest = setTimeout(() => server.closeAllConnections(), STOP_WITHIN_MS);
        server.close(() => {
          clearInterval(closeFinished);
          clearTimeout(cutRest);
          resolve();
        });
      }),
  };
}

/** Listens on the loopback address; port 0 takes any. Resolves with the port taken. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      // A server that listens on a host and a port has an AddressInfo; null and string are for closed servers and pipes.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers })
    .end(text);
}

export function answerNotFound(request: IncomingMessage, response: ServerResponse): void {
  const reason = `There is no ${request.method} ${request.url}; see sandbox/README.md.`;
  answerJson(response, 404, { code: 'not_found', reason });
}

/** The path and the query of a request. */
export function addressOf(request: IncomingMessage): { path: string; query: URLSearchParams } {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  if (mark < 0) return { path: url, query: new URLSearchParams() };
  return { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}

/** @throws InvalidRequest when the body is over 1 MiB or not JSON. */
export function readJson(request: IncomingMessage): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    });
    request.on('error', () => reject(new ClientGone()));
    request.on('end', () => {
      if (size > MAX_BODY_BYTES) return reject(new InvalidRequest(`The body is larger than ${MAX_BODY_BYTES} bytes.`));
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      } catch {
        reject(new InvalidRequest('The body is not JSON.'));
      }
    });
  });
}
