/** The payment provider and the carrier over HTTP: every request has an idempotency key, so that it can be repeated. */
import { Pool } from 'undici';

const ANSWER_WITHIN_MS = 10_000;
const CONNECTIONS = 50;

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class Provider {
  readonly #pool: Pool;
  readonly #authorization: string;

  constructor(url: string, key: string) {
    this.#pool = new Pool(url, {
      connections: CONNECTIONS,
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
    });
    this.#authorization = `Bearer ${key}`;
  }

  /** @throws {Error} for an answer that is neither 2xx nor one of `refusals`: it leaves open what was done */
  async post(path: string, body: object, idempotencyKey: string, refusals: readonly number[] = []): Promise<Answer> {
    const response = await this.#pool.request({
      method: 'POST',
      path,
      headers: {
        authorization: this.#authorization,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify(body),
    });
    const answer = (await response.body.json()) as Answer['body'];
    const { statusCode: status } = response;
    if ((status >= 200 && status < 300) || refusals.includes(status)) return { status, body: answer };
    throw new Error(`the provider answered POST ${path} with ${status} ${answer['code']}`);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
