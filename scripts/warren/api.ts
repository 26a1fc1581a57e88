/** The operators' API of web, as a client. */

const ANSWER_WITHIN_MS = 60_000;
const PAGE = 1000;

/** Web refused; the message says why and what to do. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  constructor(
    readonly code: string,
    message: string,
    /** What is wrong with which place of the request. */
    readonly faults: NonNullable<ProblemBody['errors']> = [],
  ) {
    super(message);
  }
}

/** There was no answer, or none of web. */
export class ApiAway extends Error {
  override readonly name = 'ApiAway';
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

export class OperatorApi {
  readonly #url: string;
  readonly #key: string;

  /** @param url of web */
  constructor(url: string, key: string) {
    this.#url = url.replace(/\/$/, '');
    this.#key = key;
  }

  /** @throws {ApiRefused} @throws {ApiAway} */
  get<T>(path: string, query: Query = {}): Promise<T> {
    return this.#call<T>('GET', `${path}${searchOf(query)}`);
  }

  /** @throws {ApiRefused} @throws {ApiAway} */
  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>('POST', path, body);
  }

  /** The first so many items of a list, over as many pages as it takes. @throws {ApiRefused} @throws {ApiAway} */
  async list<T>(path: string, query: Query, limit: number): Promise<readonly T[]> {
    const items: T[] = [];
    for await (const page of this.pages<T>(path, query, () => limit - items.length)) {
      items.push(...page);
      if (items.length >= limit) break;
    }
    return items;
  }

  /** A list page by page, to its end. @param limit of the next page, up to 1000 @throws {ApiRefused} @throws {ApiAway} */
  async *pages<T>(path: string, query: Query, limit: () => number = () => PAGE): AsyncGenerator<readonly T[]> {
    let cursor: string | undefined;
    do {
      const page: { readonly items: readonly T[]; readonly nextCursor?: string } = await this.get(path, {
        ...query,
        limit: Math.min(PAGE, limit()),
        cursor,
      });
      yield page.items;
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await this.#answer(method, path, body);
    const answer = parsed(text);
    // What web answers with is its own contract; there is no second copy of it here.
    if (status < 400 && answer !== undefined) return answer as T;
    const { code, detail, errors = [] } = (answer ?? {}) as ProblemBody;
    if (code === undefined || detail === undefined)
      throw new ApiAway(
        `${this.#url} answered ${status}, and not as web does: say where web is with --url or WARREN_URL`,
      );
    if (code === 'request.unauthenticated') {
      throw new ApiRefused(
        code,
        `${this.#url} does not know the key of an operator: give one with --key or WARREN_OPERATOR_KEY; \`node dist/scripts/operator.js add operator NAME\` makes one`,
      );
    }
    const faults = errors.map(({ pointer, parameter, detail }) => `\n  ${pointer ?? parameter}: ${detail}`);
    throw new ApiRefused(code, `${code}: ${detail}${faults.join('')}`, errors);
  }

  async #answer(
    method: string,
    path: string,
    body: unknown,
  ): Promise<{ readonly status: number; readonly text: string }> {
    try {
      const response = await fetch(`${this.#url}/operator${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new ApiAway(
        `web does not answer at ${this.#url} (${causeOf(error)}): start it, or say where it is with --url or WARREN_URL`,
        { cause: error },
      );
    }
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

function searchOf(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says only that it failed; its cause says why. */
function causeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: unknown };
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
