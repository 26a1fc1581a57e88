/**
 * Somebody else's HTTP API that honours idempotency keys. What has no definite answer is a `TransientError`: it may have
 * been done, and is asked again under the same key. One that says the API is ill counts for its circuit. Nothing that was
 * sent stands in an error.
 */
import { Pool } from 'undici';
import { PermanentError, TransientError } from '../actors/errors.js';
import type { Static, TSchema, Validator } from '../messaging/typebox.js';
import type { Provider } from '../providers/provider.js';
import { cutShort, ProviderIll } from '../providers/provider-ill.js';
import { type Answered, exchange } from './exchange.js';
import { RequestSpan } from './request-span.js';
import { retryAfterMs } from './retry-after.js';

const CONNECT_TIMEOUT_MS = 5_000;

export interface IdempotentApiOptions {
  /** What errors call it, and the first part of their codes, e.g. `payment`. */
  readonly name: string;
  readonly url: string;
  /** Sent as bearer token. */
  readonly apiKey: string;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Opened at most, and requests under way at once: others wait for their turn. */
  readonly connections: number;
  /** Whose API it is. */
  readonly provider: Provider;
}

/** The circumstances of one request. */
export interface Call {
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** A definite answer: done, or refused with a code that the caller expects. */
export type Answer =
  | { readonly kind: 'done'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly signal: AbortSignal;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class IdempotentApi {
  readonly #name: string;
  readonly #provider: Provider;
  readonly #origin: string;
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #authorization: string;

  constructor({ name, url, apiKey, timeoutMs, connections, provider }: IdempotentApiOptions) {
    const { origin, pathname } = new URL(url);
    this.#name = name;
    this.#origin = origin;
    this.#provider = provider;
    this.#pool = new Pool(origin, {
      connections,
      connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    this.#basePath = pathname.replace(/\/$/, '');
    this.#authorization = `Bearer ${apiKey}`;
  }

  /**
   * @param refusals codes in the answer that are a definite no
   * @throws {TransientError} `<name>.unavailable`, `provider.circuit-open`
   * @throws {PermanentError} `<name>.rejected`
   */
  post(path: string, body: object, refusals: readonly string[], { idempotencyKey, signal }: Call): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    return this.#ask({ method: 'POST', path, signal, body: JSON.stringify(body), headers }, refusals);
  }

  /**
   * @throws {TransientError} `<name>.unavailable`, `provider.circuit-open`
   * @throws {PermanentError} `<name>.rejected`
   */
  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#ask({ method: 'GET', path, signal }, []);
  }

  /**
   * The body of an answer that has to be a done one.
   * @throws {TransientError} `<name>.unavailable` when it is not of the expected shape: what was done is open
   */
  read<S extends TSchema>(shape: Validator<S>, answer: Answer): Static<S> {
    const body = answer.kind === 'done' ? answer.body : undefined;
    return shape.Check(body) ? body : this.unclear('answered with something unheard of');
  }

  /** @throws {TransientError} `<name>.unavailable`, for an answer that leaves open what was done */
  unclear(what: string): never {
    throw new TransientError(...this.#unavailable(what));
  }

  /** Waits for the requests under way. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #ask(request: Request, refusals: readonly string[]): Promise<Answer> {
    const asked = `${request.method} ${request.path.replace(/\?.*/, '')}`;
    const { status, text } = await this.#provider.ask(() => this.#send(request, asked));
    const body = parsed(text);
    if (status >= 200 && status < 300) {
      return body === undefined ? this.unclear(`answered ${asked} with no JSON`) : { kind: 'done', body };
    }
    const { code, reason } = refusalOf(body);
    if (refusals.includes(code)) return { kind: 'refused', code, reason };
    const answered = `answered ${asked} with ${status} ${code}`;
    if (status === 408 || status === 409 || status === 425) this.unclear(answered);
    throw new PermanentError(
      `${this.#name}.rejected`,
      `${this.#name} ${answered}; mend its settings or the order, then redrive`,
    );
  }

  /** @throws {ProviderIll} when there is no answer, or one that says so */
  async #send({ method, path, signal, body, headers }: Request, asked: string): Promise<Answered> {
    const span = RequestSpan.begin(signal, () => ({ method, url: this.#origin + this.#basePath + path }));
    let answered: Answered;
    try {
      answered = await exchange(
        this.#pool,
        {
          method,
          path: this.#basePath + path,
          headers: { ...headers, authorization: this.#authorization, ...span?.headers },
          ...(body === undefined ? {} : { body }),
        },
        signal,
      );
    } catch (cause) {
      span?.failed(cause);
      const failure = this.#unavailable(`gave no answer to ${asked}`);
      throw cutShort(signal) ? new TransientError(...failure, { cause }) : new ProviderIll(...failure, { cause });
    }
    const { status, retryAfter, text } = answered;
    span?.answered(status);
    // It refuses all of us, not this message: with a key that is mended every one of them can be done.
    if (status === 401) throw new ProviderIll(...this.#unavailable(`answered ${asked} with 401; mend its API key`));
    if (status < 500 && status !== 429) return answered;
    const failure = this.#unavailable(`answered ${asked} with ${status} ${refusalOf(parsed(text)).code}`);
    throw new ProviderIll(...failure, { retryAfterMs: retryAfterMs(retryAfter, Date.now()) });
  }

  #unavailable(what: string): [code: string, message: string] {
    return [`${this.#name}.unavailable`, `${this.#name} ${what}; it is asked again`];
  }
}

function refusalOf(body: unknown): { code: string; reason: string } {
  const { code, reason } = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  return {
    code: typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : 'without a code',
    reason: typeof reason === 'string' ? reason : 'no reason given',
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
