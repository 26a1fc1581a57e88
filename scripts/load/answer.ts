/** What an answer of the intake means for whoever asked. Pure. */

/**
 * - `accepted`: done, now or (`replayed`) at an earlier request with the same key.
 * - `refused`: not done, and asking again would not help. `reason` is the problem's code, or the HTTP status without one.
 * - `later`: not done, but asking again may help, after `afterMs` where the intake says so.
 * - `unknown`: perhaps done, perhaps not: ask again with the same key.
 */
export type Answer<T> =
  | { readonly kind: 'accepted'; readonly body: T; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'later' | 'unknown'; readonly reason: string; readonly afterMs?: number };

/** An HTTP answer whose body was read. */
export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

/** @param parse throws when the body is not what was asked for */
export function answerOf<T>({ status, header, text }: HttpAnswer, parse: (body: unknown) => T): Answer<T> {
  const body = jsonOf(text);
  if (status >= 200 && status < 300) {
    try {
      return { kind: 'accepted', body: parse(body), replayed: header('idempotency-replayed') === 'true' };
    } catch (error) {
      return {
        kind: 'refused',
        reason: 'not an answer of Warren',
        detail: error instanceof Error ? error.message : '',
      };
    }
  }
  const { code, detail } = problemOf(body);
  const reason = code ?? `HTTP ${status}`;
  const wait = retryAfterMs(header('retry-after'));
  const afterMs = wait === undefined ? {} : { afterMs: wait };
  if (status === 429 || status === 503 || (status === 409 && wait !== undefined))
    return { kind: 'later', reason, ...afterMs };
  if (status === 408 || status >= 500) return { kind: 'unknown', reason, ...afterMs };
  return { kind: 'refused', reason, detail: detail ?? text.slice(0, 200) };
}

/** Codes of errors that came before a byte of the request was sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** No answer came. */
export function answerOfError(error: unknown): Answer<never> {
  const code = codeOf(error);
  return { kind: NEVER_SENT.has(code) ? 'later' : 'unknown', reason: code };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with one error for each.
  const [first] = error instanceof AggregateError ? error.errors : [];
  return 'code' in error && typeof error.code === 'string'
    ? error.code
    : first === undefined
      ? error.message
      : codeOf(first);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(body: unknown): { readonly code?: string; readonly detail?: string } {
  if (typeof body !== 'object' || body === null) return {};
  return {
    ...('code' in body && typeof body.code === 'string' ? { code: body.code } : {}),
    ...('detail' in body && typeof body.detail === 'string' ? { detail: body.detail } : {}),
  };
}

/** Retry-After as seconds; as a date it is not used here. */
function retryAfterMs(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
}
