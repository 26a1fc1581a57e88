/** The broker's management API, over HTTP: what AMQP does not tell, such as how many messages wait and who is connected. */
import { Agent, fetch } from 'undici';
import { connectReason, tlsOf } from '../sockets/tls.js';

export class Management {
  readonly #origin: string;
  readonly #authorization: string;
  /** Only where its certificate is not verified as that of any site. */
  readonly #agent: Agent | undefined;

  /** @param url with user and password, such as `http://user:password@host:15672` */
  constructor(url: string) {
    const { origin, username, password, protocol, searchParams } = new URL(url);
    const own = protocol === 'https:' && (searchParams.has('cacertfile') || searchParams.has('verify'));
    this.#agent = own ? new Agent({ connect: tlsOf(url) }) : undefined;
    this.#origin = origin;
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    this.#authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }

  /**
   * The answer's JSON; undefined when it has none.
   * @throws {Error} with the answer when it refuses
   */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const asked = fetch(new URL(path, this.#origin), {
      ...(this.#agent && { dispatcher: this.#agent }),
      method,
      headers: { authorization: this.#authorization, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await asked.catch((error: Error) => {
      // It says only that it failed; why is its cause.
      throw new Error(connectReason(error.cause ?? error, 'RABBITMQ'), { cause: error });
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
