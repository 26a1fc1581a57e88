/** Knows a storefront by `Authorization: Bearer <key>`. Whatever is wrong with a key, the answer is the same. */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../../shared/postgres/database.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { hashOf } from './storefront.js';

/** A revoked key is let in for this long at most. */
const REMEMBER_MS = 3000;
/** Keys remembered at once, unknown ones included; beyond, all are forgotten. */
const REMEMBERED_AT_MOST = 10_000;

interface Remembered {
  readonly storefrontId: Promise<string | undefined>;
  readonly until: number;
}

const DECORATOR = 'storefrontId';

/** Who asks; empty where no key was asked for. */
export const storefrontOf = (request: Pick<FastifyRequest, 'getDecorator'>): string =>
  request.getDecorator<string>(DECORATOR);

export class Authentication {
  readonly #database: Database;
  readonly #refused: Buffer | undefined;
  readonly #remembered = new Map<string, Remembered>();

  /** @param refusedKey a key that is let in nowhere, be it stored or not: in production the one that everybody knows */
  constructor(database: Database, refusedKey?: string) {
    this.#database = database;
    this.#refused = refusedKey === undefined ? undefined : hashOf(refusedKey);
  }

  /** Lets requests carry who asks; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, '');
  }

  /** A hook that runs before the body is read. @throws {Problem} `request.unauthenticated` */
  readonly check = async (request: FastifyRequest): Promise<void> => {
    const key = /^Bearer ([\x21-\x7e]{1,255})$/i.exec(request.headers.authorization ?? '')?.[1];
    const storefrontId = key === undefined ? undefined : await this.#storefrontOf(hashOf(key));
    if (storefrontId === undefined)
      throw new Problem('request.unauthenticated', 'Send Authorization: Bearer with the key of a storefront.');
    request.setDecorator(DECORATOR, storefrontId);
  };

  #storefrontOf(hash: Buffer): Promise<string | undefined> {
    const name = hash.toString('base64');
    const now = Date.now();
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined && remembered.until > now) return remembered.storefrontId;
    if (this.#remembered.size >= REMEMBERED_AT_MOST) this.#remembered.clear();
    const storefrontId = this.#lookUp(hash);
    this.#remembered.set(name, { storefrontId, until: now + REMEMBER_MS });
    // A look-up that failed says nothing about the key.
    storefrontId.catch(() => this.#remembered.delete(name));
    return storefrontId;
  }

  async #lookUp(hash: Buffer): Promise<string | undefined> {
    if (this.#refused?.equals(hash)) return undefined;
    const { rows } = await this.#database.query<{ id: string }>({
      name: 'storefront-by-key',
      text: 'select id from storefronts where key_hash = $1 and revoked_at is null',
      values: [hash],
    });
    return rows[0]?.id;
  }
}
