/** One attempt: the request, and what came of it. Whatever goes wrong on the way to the endpoint is an outcome, and no error. */
import { isIP } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { AddressRefused, type AddressRules, isOutside, outsideLookup } from '../../shared/http/outside-address.js';
import { urlFault } from '../../shared/http/outside-url.js';
import { retryAfterMs } from '../../shared/http/retry-after.js';
import type { AttemptError } from './messages.js';

const CONNECT_TIMEOUT_MS = 5000;
/** What of an answer is read, so that its connection can be used again; the rest is not waited for. */
const READ_AT_MOST_BYTES = 16_384;
const READ_AT_MOST_MS = 1000;

export interface Attempted {
  readonly tookMs: number;
  readonly status?: number;
  readonly error?: AttemptError;
  /** Asked for by the endpoint. */
  readonly retryAfterMs?: number | undefined;
}

export interface Attempts {
  post(url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<Attempted>;
  close(): Promise<void>;
}

export interface AttemptOptions extends AddressRules {
  /** For the whole attempt, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Redirects are not followed: where they lead nobody has saved. Each attempt has a connection at once, new or kept: one origin may have
 * endpoints of many storefronts, of which one that hangs keeps none from the others.
 */
export function attempts({ timeoutMs, ...rules }: AttemptOptions): Attempts {
  const agent = new Agent({
    connect: connector(rules, Math.min(CONNECT_TIMEOUT_MS, timeoutMs)),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  return {
    async post(url, headers, body, signal) {
      const began = performance.now();
      const attempt = new AbortController();
      // Not AbortSignal.any: what that has made is kept for as long as one of its signals, and this one stays until the process ends.
      const stop = (): void => attempt.abort(signal.reason);
      const timer = setTimeout(() => attempt.abort(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      try {
        const outcome = await request(agent, url, headers, body, attempt.signal, { allowInsecure: rules.allowInside });
        return { ...outcome, tookMs: Math.round(performance.now() - began) };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Connects to public addresses only; a host that is an address is never looked up, and so looked at here. */
function connector(rules: AddressRules, timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout, lookup: outsideLookup(rules), rejectUnauthorized: true });
  return (options, callback) => {
    const literal = options.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(literal) && !rules.allowInside && !isOutside(literal)) callback(new AddressRefused(literal), null);
    else connect(options, callback);
  };
}

type Outcome = Omit<Attempted, 'tookMs'>;

function request(
  agent: Agent,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
  rules: { readonly allowInsecure: boolean },
): Promise<Outcome> {
  if (urlFault(url, rules) !== undefined) return Promise.resolve({ error: 'url-refused' });
  const { origin, pathname, search } = new URL(url);
  return new Promise((resolve) => {
    // Also while it waits for a connection, of which undici tells nobody.
    signal.addEventListener('abort', () => resolve({ error: 'timeout' }), { once: true });
    agent.dispatch(
      { origin, path: pathname + search, method: 'POST', headers: { ...headers }, body },
      new Answer(signal, resolve),
    );
  });
}

/** Takes the status and what stands in its headers; the body is read for as long as it is short, and thrown away. */
class Answer implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #resolve: (outcome: Outcome) => void;
  #abort: (() => void) | undefined;
  #reading: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(signal: AbortSignal, resolve: (outcome: Outcome) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#end();
    this.#abort = () => controller.abort(this.#signal.reason);
    if (this.#signal.aborted) this.#abort();
    else this.#signal.addEventListener('abort', this.#abort);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    const header = headers['retry-after'];
    const wish = retryAfterMs(typeof header === 'string' ? header : undefined, Date.now());
    this.#resolve({ ...outcomeOf(status), retryAfterMs: wish });
    this.#reading = setTimeout(() => controller.abort(new Error('nobody waits for the rest')), READ_AT_MOST_MS).unref();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > READ_AT_MOST_BYTES) controller.abort(new Error('nobody reads on'));
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end();
    // Resolved before, where the status had come: then this changes nothing.
    this.#resolve({ error: errorOf(error) });
  }

  #end(): void {
    clearTimeout(this.#reading);
    if (this.#abort !== undefined) this.#signal.removeEventListener('abort', this.#abort);
    this.#abort = undefined;
  }
}

function outcomeOf(status: number): Outcome {
  if (status < 300) return { status };
  if (status < 400) return { status, error: 'redirect' };
  return { status, error: status === 410 ? 'gone' : 'status' };
}

function errorOf(error: Error): AttemptError {
  if (error instanceof AddressRefused) return 'address-refused';
  if (/timeout/i.test(error.name)) return 'timeout';
  // A storefront may have a name lead to one of ours: what that name is to our name servers is not told.
  return /has no address$/.test(error.message) ? 'address-refused' : 'connection';
}
