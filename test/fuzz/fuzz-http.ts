/** Sends hostile requests to an intake, and says what it should not have answered. */
import { once } from 'node:events';
import { Agent, request as ask } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import type { Documents } from '../support/reference/documents.js';
import { httpDeviation } from '../support/reference/http-deviation.js';
import { HOSTILE_BYTES } from './hostile-bytes.js';
import { type HostileRequest, hostileRequests, type Route, routesOf } from './hostile-requests.js';
import { type Answered, faultsOfAnswer, faultsOfBytes } from './judgement.js';

export interface HttpFuzz {
  readonly documents: Documents;
  readonly url: string;
  /** By whom the reference asks for one; one of an operator should be one that may change nothing. */
  readonly keys: Readonly<Record<string, string>>;
  readonly requests: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (seen: number) => void;
}

export interface HttpSeen {
  /** By method, route and status; of bytes, by status alone. */
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
  /** Orders that were accepted. */
  readonly orders: ReadonlySet<string>;
  readonly receipts: number;
  readonly products: number;
  /** Endpoints of webhooks. */
  readonly endpoints: number;
}

const AT_ONCE = 16;
const CHUNK = 500;
/** One in so many is written as bytes. */
const BYTES_EVERY = 10;
const ANSWER_WITHIN_MS = 35_000;
/** The newest so many are named in paths. */
const IDS = 10;
/** A connection on which nothing is answered is left after this. */
const BYTES_WITHIN_MS = 300;

export async function fuzzHttp({
  documents,
  url,
  keys,
  requests,
  seed,
  signal,
  onProgress,
}: HttpFuzz): Promise<HttpSeen> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const counts = new Map<string, number>();
  const faults: string[] = [];
  const orders = new Set<string>();
  const ids: string[] = [];
  let [receipts, products, endpoints, seen] = [0, 0, 0, 0];
  const kindOf = kindFinder(routesOf(documents.openapi));
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);

  const sendOne = async (sent: HostileRequest): Promise<void> => {
    const answer = await answerTo(agent, url, sent).catch((error: NodeJS.ErrnoException) => error);
    // A refusal may end the connection while the rest of a body is on its way.
    if (answer instanceof Error) {
      if (answer.code !== 'EPIPE' && answer.code !== 'ECONNRESET') throw answer;
      count('closed');
      return;
    }
    // As it is sent: a URL would take `..` for the way up.
    const asked = new URL(`${url}${sent.path}`);
    const [path = ''] = sent.path.split('?');
    Object.defineProperty(asked, 'pathname', { value: path });
    count(`${kindOf(sent.method, path)} ${answer.status}`);
    const deviation = httpDeviation(documents, {
      ...answer,
      method: sent.method,
      url: asked,
      headers: headersOf(sent.headers),
      sent: undefined,
    });
    for (const fault of [
      ...faultsOfAnswer(documents, answer, path.startsWith('/operator/')),
      ...(deviation === undefined ? [] : [deviation]),
    ])
      faults.push(
        `${fault}: ${sent.method} ${sent.path} ${JSON.stringify(sent.headers)} ${sent.body?.toString('latin1').slice(0, 500)}`,
      );
    if (answer.status >= 300 || sent.method === 'GET' || sent.method === 'HEAD') return;
    const replayed = answer.answered.has('idempotency-replayed');
    if (path === '/orders') {
      const { orderId } = JSON.parse(answer.received) as { orderId: string };
      orders.add(orderId);
      ids.push(orderId);
    } else if (path === '/webhooks/endpoints') {
      endpoints++;
      ids.push((JSON.parse(answer.received) as { id: string }).id);
    } else if (path.endsWith('/receipts') && !replayed) receipts++;
    else if (answer.status === 201) products++;
  };
  const sendBytes = async (bytes: Buffer): Promise<void> => {
    const said = await answerToBytes(url, bytes);
    count(`bytes ${/^HTTP\/1.1 (\d+)/.exec(said)?.[1] ?? 'closed'}`);
    for (const fault of faultsOfBytes(said)) faults.push(`${fault}: ${bytes.toString('latin1').slice(0, 500)}`);
  };

  try {
    for (let chunk = 0; seen < requests && signal?.aborted !== true; chunk++) {
      const size = Math.min(CHUNK, requests - seen);
      const hostile = hostileRequests({ openapi: documents.openapi, keys, ids: ids.slice(-IDS) });
      const asked = fc.sample(hostile, { seed: seed + chunk, numRuns: size });
      const bytes = fc.sample(HOSTILE_BYTES, { seed: seed + chunk, numRuns: size });
      const work = asked.map(
        (one, at) => () => (at % BYTES_EVERY === 0 ? sendBytes(bytes[at] ?? Buffer.of()) : sendOne(one)),
      );
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (let next = work.pop(); next !== undefined; next = work.pop()) await next();
        }),
      );
      seen += size;
      onProgress?.(seen);
    }
  } finally {
    agent.destroy();
  }
  return { counts, faults, orders, receipts, products, endpoints };
}

/** The route that is asked for, where there is one. A path without parameters wins over one with them. */
function kindFinder(routes: readonly Route[]): (method: string, path: string) => string {
  const patterns = [...new Set(routes.map(({ path }) => path))]
    .sort((one, other) => one.split('{').length - other.split('{').length)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll('.', '[.]').replace(/\{\w+\}/g, '[^/]+')}$`) }));
  const known = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  return (method, asked) => {
    const kind = `${method} ${patterns.find(({ pattern }) => pattern.test(asked))?.path}`;
    return known.has(kind) ? kind : 'no route';
  };
}

/** Without those that no caller's library would take. */
const headersOf = (headers: Readonly<Record<string, string>>): Headers =>
  new Headers(Object.entries(headers).filter(([, value]) => /^[\x20-\x7e]*$/.test(value)));

async function answerTo(agent: Agent, url: string, { method, path, headers, body }: HostileRequest): Promise<Answered> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': body.length };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const request = ask({ agent, hostname, port, method, path, headers: { ...headers, ...length }, signal });
  // A refusal may come, and the connection end, before all is sent.
  request.on('error', () => undefined);
  request.end(body);
  const [response] = await once(request, 'response', { signal });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const answered = new Headers(Object.entries(response.headers as Record<string, string>));
  return { status: response.statusCode, answered, received: Buffer.concat(chunks).toString() };
}

async function answerToBytes(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let said = '';
  socket
    .on('error', () => undefined)
    .on('data', (data) => {
      said += data.toString('latin1');
    });
  socket.write(bytes);
  const limit = setTimeout(() => socket.destroy(), BYTES_WITHIN_MS);
  await once(socket, 'close');
  clearTimeout(limit);
  return said;
}
