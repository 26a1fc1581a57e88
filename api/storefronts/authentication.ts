/** Knows a storefront by `Authorization: Bearer <key>`. Whatever is wrong with a key, the answer is the same. */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../../shared/postgres/database.js';
import { ApiKeys } from '../api-key.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';

const DECORATOR = 'storefrontId';

/** Who asks; empty where no key was asked for. */
export const storefrontOf = (request: Pick<FastifyRequest, 'getDecorator'>): string =>
  request.getDecorator<string>(DECORATOR);

export class Authentication {
  readonly #keys: ApiKeys<string>;

  /** @param refused keys that are let in nowhere */
  constructor(database: Database, refused?: readonly string[]) {
    this.#keys = new ApiKeys({ lookUp: (hash) => storefrontByKey(database, hash), refused });
  }

  /** Lets requests carry who asks; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, '');
  }

  /** A hook that runs before the body is read. @throws {Problem} `request.unauthenticated` */
  readonly check = async (request: FastifyRequest): Promise<void> => {
    const storefrontId = await this.#keys.ownerOf(request);
    if (storefrontId === undefined)
      throw new Problem('request.unauthenticated', 'Send Authorization: Bearer with the key of a storefront.');
    request.setDecorator(DECORATOR, storefrontId);
  };
}

async function storefrontByKey(database: Database, hash: Buffer): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>({
    name: 'storefront-by-key',
    text: 'select id from storefronts where key_hash = $1 and revoked_at is null',
    values: [hash],
  });
  return rows[0]?.id;
}
