/** Asks web: reads, and changes that carry the session's CSRF token. A refusal is thrown in the words of the API. */
import type { SessionView } from './answers.js';

/** Told to the window when web no longer knows the session. */
export const SIGNED_OUT = 'warren-signed-out';

/** What the API refused, and why. */
class Refused extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

let csrfToken = '';

/** @throws {Refused} */
export const ask = <T>(path: string): Promise<T> => request<T>('GET', path);

/** Changes something, in the name of who is signed in. @throws {Refused} */
export const change = <T>(path: string, body: unknown): Promise<T> => request<T>('POST', path, body);

/** As a storefront, by its key. @throws {Refused} */
export const askAsStorefront = <T>(method: 'GET' | 'POST', path: string, key: string, body?: unknown): Promise<T> =>
  request<T>(method, path, body, { authorization: `Bearer ${key}`, 'idempotency-key': crypto.randomUUID() });

/** Who is signed in. */
export const currentSession = (): Promise<SessionView> => remembered(request('GET', '/console/session'));
/** @throws {Refused} */
export const signIn = (key: string): Promise<SessionView> => remembered(request('POST', '/console/session', { key }));
export const signOut = (): Promise<SessionView> => remembered(request('DELETE', '/console/session'));

async function remembered(answer: Promise<SessionView>): Promise<SessionView> {
  const session = await answer;
  csrfToken = session.csrfToken;
  return session;
}

async function request<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 401 && path.startsWith('/operator')) window.dispatchEvent(new Event(SIGNED_OUT));
  const text = await response.text();
  if (!response.ok) throw refusalOf(response.status, text);
  // What the API answers is what its types say; both are of one release.
  return JSON.parse(text) as T;
}

interface ProblemBody {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

function refusalOf(status: number, text: string): Refused {
  let problem: ProblemBody = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Whatever stands between answered, and it does not speak of problems.
  }
  const faults = (problem.errors ?? []).map(({ pointer, parameter, detail }) => `${pointer ?? parameter} ${detail}`);
  const says = [problem.title ?? `web answered ${status}`, problem.detail, ...faults].filter(Boolean).join('. ');
  return new Refused(problem.code ?? String(status), says);
}
