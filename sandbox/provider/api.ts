/** The payment and the carrier API over HTTP. The contract is sandbox/README.md. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultSettings } from '../fault-settings.js';
import { answerJson, InvalidRequest, readJson } from '../http.js';
import { type Api, type Asked, answerOf, type LedgerEntry, type Outcome } from './entry.js';
import { InFlight } from './in-flight.js';
import type { Ledger } from './ledger.js';
import { decidePayment, standingOf } from './payments.js';
import { asObject, fingerprint, POSTS, type ProviderRequest, parseIdempotencyKey } from './request.js';
import { decideShipment, labelsOf } from './shipments.js';

export type ProviderFaults = FaultSettings<
  | 'latencyMs'
  | 'errorRate'
  | 'slowMs'
  | 'errorAfterRate'
  | 'resetAfterRate'
  | 'hangAfterRate'
  | 'unavailableRate'
  | 'retryAfterS'
>;

export class ProviderApi {
  readonly sinceStart = { requests: 0, replayed: 0, injectedErrors: 0 };
  private readonly inFlight = new InFlight();

  constructor(
    private readonly ledger: Ledger,
    private readonly faults: ProviderFaults,
    private readonly apiKeys: Readonly<Record<Api, string | undefined>>,
  ) {}

  /** Whether the request is one of these APIs'; if so, it is answered (but for the token `tok_hang`). */
  async answer(
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<boolean> {
    const post = request.method === 'POST' ? POSTS.get(path) : undefined;
    const lookUp = request.method === 'GET' ? LOOK_UPS.get(path) : undefined;
    const api = post?.api ?? lookUp;
    if (!api) return false;
    this.sinceStart.requests += 1;
    if (!this.lets(request.headers.authorization, api)) {
      answerJson(response, 401, { code: 'unauthorized', reason: `Send Authorization: Bearer <the key of ${api}>.` });
    } else if (this.happens(this.faults.values.unavailableRate)) {
      this.sinceStart.injectedErrors += 1;
      const wish = { 'retry-after': String(this.faults.values.retryAfterS) };
      answerJson(response, 503, { code: 'unavailable', reason: 'A fault was asked for; nothing was done.' }, wish);
    } else if (post) {
      const body = asObject(await readJson(request));
      const asked = post.parse(body);
      const idempotencyKey = parseIdempotencyKey(request.headers['idempotency-key']);
      const { orderId } = asked;
      await this.post(asked, { api, orderId, idempotencyKey, fingerprint: fingerprint(path, body) }, response);
    } else {
      await this.lookUp(api, query.get('orderId'), response);
    }
    return true;
  }

  private lets(authorization: string | undefined, api: Api): boolean {
    if (!authorization?.startsWith('Bearer ')) return false;
    const given = authorization.slice('Bearer '.length);
    return given === (this.apiKeys[api] ?? given) && given !== '';
  }

  private async post(request: ProviderRequest, asked: Asked, response: ServerResponse): Promise<void> {
    const begun = this.inFlight.find(asked);
    const first = begun ?? this.ledger.underKey(asked.api, asked.idempotencyKey);
    if (first && first.fingerprint !== asked.fingerprint) {
      const reason = `Key ${asked.idempotencyKey} was first used for order ${first.orderId} with another body or path.`;
      const entry = await this.ledger.record(asked, { kind: 'key_reused', code: 'idempotency_mismatch', reason });
      return answerEntry(response, entry);
    }
    if (begun) {
      const reason = `The first request with key ${asked.idempotencyKey} is not finished.`;
      return answerJson(response, 409, { code: 'idempotency_in_flight', reason }, { 'retry-after': '1' });
    }
    this.inFlight.begin(asked);
    try {
      await this.carryOut(request, asked, response);
    } finally {
      this.inFlight.end(asked);
    }
  }

  private async carryOut(request: ProviderRequest, asked: Asked, response: ServerResponse): Promise<void> {
    const known = this.ledger.underKey(asked.api, asked.idempotencyKey);
    const token = request.step === 'authorize' && !known ? request.token : undefined;
    if (token === 'tok_hang') return void (await once(response, 'close'));
    await this.pause(token === 'tok_slow' ? this.faults.values.slowMs : 0);
    const failure = this.rollFailure();
    if (failure === 'before') return this.fail(response);
    const entry = known ?? (await this.ledger.record(asked, this.decide(request)));
    if (failure === 'after' || token === 'tok_error_after_charge') return this.fail(response);
    if (!known) return this.answerFirst(response, entry);
    this.sinceStart.replayed += 1;
    answerEntry(response, entry, { 'idempotent-replayed': 'true' });
  }

  /** The first answer to a key, which may be lost; the request counts as under way until whoever waits for it hangs up. */
  private async answerFirst(response: ServerResponse, entry: LedgerEntry): Promise<void> {
    const { errorAfterRate, resetAfterRate, hangAfterRate } = this.faults.values;
    if (this.happens(errorAfterRate)) return this.fail(response);
    if (this.happens(resetAfterRate)) {
      this.sinceStart.injectedErrors += 1;
      response.destroy();
    } else if (this.happens(hangAfterRate)) {
      this.sinceStart.injectedErrors += 1;
      await once(response, 'close');
    } else {
      answerEntry(response, entry);
    }
  }

  private decide(request: ProviderRequest): Outcome {
    const entries = this.ledger.ofOrder(request.orderId);
    return request.step === 'ship' || request.step === 'cancel'
      ? decideShipment(request, entries, this.ledger.nextSeq)
      : decidePayment(request, entries, this.ledger.nextSeq);
  }

  private async lookUp(api: Api, orderId: string | null, response: ServerResponse): Promise<void> {
    if (!orderId) throw new InvalidRequest(`Say which order: GET /${api}?orderId=…`);
    await this.pause(0);
    if (this.rollFailure()) return this.fail(response);
    const entries = this.ledger.ofOrder(orderId).filter((entry) => entry.api === api);
    const inFlight = this.inFlight.countOf(api, orderId);
    const { held, captured, refunded, currency } = standingOf(entries);
    const answer =
      api === 'payments'
        ? { orderId, currency, held, captured, refunded, inFlight, entries }
        : { orderId, inFlight, labels: labelsOf(entries) };
    await this.ledger.settled();
    answerJson(response, 200, answer);
  }

  private async pause(ms: number): Promise<void> {
    const total = ms + this.faults.values.latencyMs;
    if (total > 0) await delay(total);
  }

  private happens(rate: number): boolean {
    return rate > 0 && this.faults.roll() < rate;
  }

  private rollFailure(): 'before' | 'after' | undefined {
    const { errorRate } = this.faults.values;
    if (errorRate === 0) return undefined;
    const roll = this.faults.roll();
    if (roll >= errorRate) return undefined;
    return roll < errorRate / 2 ? 'before' : 'after';
  }

  /** The same answer before and after doing it: whoever gets it cannot know. */
  private fail(response: ServerResponse): void {
    this.sinceStart.injectedErrors += 1;
    answerJson(response, 500, { code: 'internal_error', reason: 'A fault was asked for; it may or may not be done.' });
  }
}

const LOOK_UPS: ReadonlyMap<string, Api> = new Map<string, Api>([
  ['/payments', 'payments'],
  ['/shipments', 'shipments'],
]);

function answerEntry(response: ServerResponse, entry: LedgerEntry, headers = {}): void {
  const { status, body } = answerOf(entry);
  answerJson(response, status, body, headers);
}
