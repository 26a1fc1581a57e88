/** The broker's management API, over HTTP: what AMQP does not tell, such as how many messages wait and who is connected. */

export class Management {
  readonly #origin: string;
  readonly #authorization: string;

  /** @param url with user and password, such as `http://user:password@host:15672` */
  constructor(url: string) {
    const { origin, username, password } = new URL(url);
    this.#origin = origin;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  /**
   * The answer's JSON; undefined when it has none.
   * @throws {Error} with the answer when it refuses
   */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(new URL(path, this.#origin), {
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

const ANSWER_WITHIN_MS = 30_000;

/** The virtual host of an AMQP URL. */
export function virtualHostOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || '/';
}
