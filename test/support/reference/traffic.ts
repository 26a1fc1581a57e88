/**
 * Holds what happens in tests against the references: every request to an intake with its answer, every message that is published
 * in the process of the tests, and what processes of their own have stored to be published. Notes are taken while they run, and looked at when all are over: compiling a schema would hold up
 * the event loop that an intake under test measures.
 */
import type { Message } from '../../../shared/messaging/message.js';
import { encode } from '../../../shared/messaging/wire.js';
import type { Database } from '../../../shared/postgres/database.js';
import { Publisher } from '../../../shared/rabbitmq/publisher.js';
import { documents } from './documents.js';
import { type Exchange, httpDeviation } from './http-deviation.js';
import { messageDeviation, type Sent } from './message-deviation.js';

/** Of one kind; those beyond are like them. */
const NOTED_AT_MOST = 300;

const origins = new Set<string>();
const exchanges = new Map<string, Promise<Exchange>[]>();
const messages = new Map<string, Sent[]>();
let watching = false;

/** Watches what is asked of the intake from now on, and what is published here. */
export function watchTraffic(url: string): void {
  origins.add(new URL(url).origin);
  if (watching) return;
  watching = true;
  watchRequests();
  watchMessages();
}

/** The intake is gone, or about to go: somebody else may be given its port. */
export const unwatchTraffic = (url: string): unknown => origins.delete(new URL(url).origin);

/** Notes what the processes of a fleet have published: all of it went through the event log, and was encoded from there. */
export async function noteLogged(database: Database): Promise<void> {
  const { rows } = await database.query<Message>({
    text: `select id, type, version, correlation_id as "correlationId", causation_id as "causationId", producer,
             occurred_at as "occurredAt", payload::text as body
           from (select *, row_number() over (partition by type, version order by id) as nth from event_log) as log where nth <= $1`,
    values: [NOTED_AT_MOST],
  });
  for (const message of rows) notePacket(encode(message));
}

/** Where what was noted deviates. It is forgotten. */
export async function deviations(): Promise<readonly string[]> {
  const known = await documents();
  const noted = await Promise.all([...exchanges.values()].flat());
  const sent = [...messages.values()].flat();
  exchanges.clear();
  messages.clear();
  return [
    ...new Set([
      ...noted.flatMap((exchange) => httpDeviation(known, exchange) ?? []),
      ...sent.flatMap((message) => messageDeviation(known, message) ?? []),
    ]),
  ];
}

function watchRequests(): void {
  const plainFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    // Nobody here asks by a Request.
    if (typeof input !== 'string' && !(input instanceof URL)) return plainFetch(input, init);
    const url = new URL(input);
    const watched = origins.has(url.origin);
    const answer = await plainFetch(input, init);
    // Workers answer these as well, perhaps at a port that an intake had before it was killed.
    if (watched && !/^\/(readyz|healthz)$/.test(url.pathname)) {
      const method = (init?.method ?? 'GET').toUpperCase();
      const kind = `${method} ${url.pathname.replace(/[0-9a-f-]{36}/g, '')} ${answer.status}`;
      note(exchanges, kind, () => exchangeOf(method, url, init ?? {}, answer));
    }
    return answer;
  };
}

async function exchangeOf(
  method: string,
  url: URL,
  { headers, body }: RequestInit,
  answer: Response,
): Promise<Exchange> {
  const streamed = /event-stream/.test(answer.headers.get('content-type') ?? '');
  return {
    method,
    url,
    headers: new Headers(headers),
    sent: typeof body === 'string' && body !== '' ? body : undefined,
    status: answer.status,
    answered: answer.headers,
    // Who hangs up gets no whole answer.
    received: streamed
      ? undefined
      : await answer
          .clone()
          .text()
          .catch(() => undefined),
  };
}

function watchMessages(): void {
  const { publish } = Publisher.prototype;
  Publisher.prototype.publish = function (this: Publisher, packets) {
    packets.forEach(notePacket);
    return publish.call(this, packets);
  };
}

const notePacket = (packet: Sent): void => note(messages, `${packet.exchange} ${packet.routingKey}`, () => packet);

function note<T>(notes: Map<string, T[]>, kind: string, make: () => T): void {
  const alike = notes.get(kind) ?? [];
  if (alike.length < NOTED_AT_MOST) alike.push(make());
  notes.set(kind, alike);
}

// Certification and bench stand on the same deployments, without tests.
if (typeof after === 'function') {
  after('everything asked, answered and sent was as the references say', async function () {
    this.timeout(120_000);
    const found = await deviations();
    if (found.length > 0) throw new Error(`what the references do not have:\n${found.join('\n')}`);
  });
}
