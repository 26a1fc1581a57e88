/**
 * Somebody else's HTTP API that honours idempotency keys. What has no definite answer is a `TransientError`: it may have
 * been done, and is asked again under the same key. Nothing that was sent stands in an error.
 */
import type { Static, TProperties, TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';
import { Pool } from 'undici';
import { PermanentError, TransientError } from '../actors/errors.js';
import { exchange } from './exchange.js';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;

export interface IdempotentApiOptions {
  /** What errors call it, and the first part of their codes, e.g. `payment`. */
  readonly name: string;
  readonly url: string;
  /** Sent as bearer token. */
  readonly apiKey: string;
  /** How long an answer may take, in milliseconds. @default 10_000 */
  readonly answerTimeoutMs?: number;
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
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #authorization: string;

  constructor({ name, url, apiKey, answerTimeoutMs = ANSWER_TIMEOUT_MS }: IdempotentApiOptions) {
    const { origin, pathname } = new URL(url);
    this.#name = name;
    // Opens as many connections as requests are under way, which the actor's concurrency bounds.
    this.#pool = new Pool(origin, {
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    this.#basePath = pathname.replace(/\/$/, '');
    this.#authorization = `Bearer ${apiKey}`;
  }

  /**
   * @param refusals codes in the answer that are a definite no
   * @throws {TransientError} `<name>.unavailable`
   * @throws {PermanentError} `<name>.rejected`
   */
  post(path: string, body: object, refusals: readonly string[], { idempotencyKey, signal }: Call): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    return this.#ask({ method: 'POST', path, signal, body: JSON.stringify(body), headers }, refusals);
  }

  /**
   * @throws {TransientError} `<name>.unavailable`
   * @throws {PermanentError} `<name>.rejected`
   */
  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#ask({ method: 'GET', path, signal }, []);
  }

  /**
   * The body of an answer that has to be a done one.
   * @throws {TransientError} `<name>.unavailable` when it is not of the expected shape: what was done is open
   */
  read<S extends TSchema>(shape: Validator<TProperties, S>, answer: Answer): Static<S> {
    const body = answer.kind === 'done' ? answer.body : undefined;
    return shape.Check(body) ? body : this.unclear('answered with something unheard of');
  }

  /** @throws {TransientError} `<name>.unavailable`, for an answer that leaves open what was done */
  unclear(what: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {}): never {
    throw new TransientError(`${this.#name}.unavailable`, `${this.#name} ${what}; it is asked again`, options);
  }

  /** Waits for the requests under way. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #ask(request: Request, refusals: readonly string[]): Promise<Answer> {
    const { status, retryAfter, body } = await this.#send(request);
    const asked = `${request.method} ${request.path.replace(/\?.*/, '')}`;
    if (status >= 200 && status < 300) {
      return body === undefined ? this.unclear(`answered ${asked} with no JSON`) : { kind: 'done', body };
    }
    const { code, reason } = refusalOf(body);
    if (refusals.includes(code)) return { kind: 'refused', code, reason };
    const answered = `answered ${asked} with ${status} ${code}`;
    if (status === 429 || status === 503) this.unclear(answered, afterSeconds(retryAfter));
    if (status >= 500 || status === 408 || status === 409) this.unclear(answered);
    throw new PermanentError(
      `${this.#name}.rejected`,
      `${this.#name} ${answered}; mend its settings or the order, then redrive`,
    );
  }

  async #send({ method, path, signal, body, headers }: Request) {
    try {
      const answered = await exchange(
        this.#pool,
        {
          method,
          path: this.#basePath + path,
          headers: { ...headers, authorization: this.#authorization },
          ...(body === undefined ? {} : { body }),
        },
        signal,
      );
      return { status: answered.status, retryAfter: answered.retryAfter, body: parsed(answered.text) };
    } catch (cause) {
      return this.unclear(`gave no answer to ${method} ${path}`, { cause });
    }
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

function afterSeconds(retryAfter: unknown): { retryAfterMs?: number } {
  const seconds = Number(retryAfter);
  return seconds > 0 ? { retryAfterMs: seconds * 1000 } : {};
}
