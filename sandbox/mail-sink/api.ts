/** The sink's HTTP side: what was received, for tests, auditors and people. The contract is sandbox/README.md. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressOf, answerJson, answerNotFound, InvalidRequest, readJson } from '../http.js';
import { countMails, type Grouping, groupMails } from './counts.js';
import type { MailStore, MailSummary, WholeMail } from './mail-store.js';
import { listPage } from './page.js';
import type { MailFaults } from './smtp.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1_000;

export class MailSinkApi {
  constructor(
    private readonly mails: MailStore,
    private readonly faults: MailFaults,
  ) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, query } = addressOf(request);
    const one = /^\/messages\/(\d+)$/.exec(path);
    if (one && request.method === 'GET') return this.answerOne(Number(one[1]), query, request, response);
    switch (`${request.method} ${path}`) {
      case 'GET /': {
        const before = wholeNumber(query, 'before', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
        return answerText(response, 'text/html', listPage(matching(await this.mails.list(), query), before));
      }
      case 'GET /messages':
        return answerJson(response, 200, pageOf(await this.mails.list(), query));
      case 'DELETE /messages':
        await this.mails.clear();
        response.writeHead(204).end();
        return;
      case 'GET /counts': {
        const mails = await this.mails.list();
        const by = groupingOf(query);
        return answerJson(response, 200, { ...countMails(mails), ...(by && { groups: groupMails(mails, by) }) });
      }
      case 'PUT /settings':
        this.faults.change(await readJson(request));
        return answerJson(response, 200, this.faults.values);
      case 'GET /settings':
        return answerJson(response, 200, this.faults.values);
      default:
        return answerNotFound(request, response);
    }
  }

  private async answerOne(
    n: number,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const mail = await this.mails.read(n);
    const part = query.get('part');
    if (!mail) return answerNotFound(request, response);
    if (part === null) return answerJson(response, 200, mail);
    return answerPart(mail, part, response);
  }
}

function answerPart(mail: WholeMail, part: string, response: ServerResponse): void {
  const parts = new Map([
    ['html', mail.html],
    ['text', mail.text],
    ['raw', Buffer.from(mail.raw, 'latin1').toString()],
  ]);
  if (!parts.has(part)) throw new InvalidRequest(`part must be one of ${[...parts.keys()].join(', ')}.`);
  answerText(response, part === 'html' ? 'text/html' : 'text/plain', parts.get(part) ?? '');
}

/** No script may run: customers write their names into mails. */
function answerText(response: ServerResponse, type: string, text: string): void {
  response
    .writeHead(200, {
      'content-type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(text),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    })
    .end(text);
}

function pageOf(all: readonly MailSummary[], query: URLSearchParams): { items: MailSummary[]; nextCursor?: string } {
  const limit = wholeNumber(query, 'limit', 1, MAX_LIMIT) ?? DEFAULT_LIMIT;
  const after = wholeNumber(query, 'cursor', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const rest = matching(all.slice(after), query);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, ...(last && rest.length > limit && { nextCursor: String(last.n) }) };
}

function matching(mails: readonly MailSummary[], query: URLSearchParams): MailSummary[] {
  const recipient = query.get('to')?.toLowerCase();
  const orderId = query.get('orderId');
  return mails.filter(
    (mail) =>
      (!recipient || mail.to.some((address) => address.toLowerCase() === recipient)) &&
      (!orderId || mail.orderId === orderId),
  );
}

function groupingOf(query: URLSearchParams): Grouping | undefined {
  const by = query.get('by');
  if (by === null || by === 'order' || by === 'occasion') return by ?? undefined;
  throw new InvalidRequest('by must be order or occasion.');
}

function wholeNumber(query: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidRequest(`${name} must be a whole number from ${min} to ${max}.`);
}
