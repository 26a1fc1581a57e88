/** Knows a storefront by `Authorization: Bearer <key>`, and what the key may do. Whatever is wrong with a key, the answer is the same. */
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Database } from '../../shared/postgres/database.js';
import { ApiKeys } from '../api-key.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { type KeyMode, prefixOf, type Scope } from './key.js';
import { findKey, type KnownKey, noteUse } from './stored-keys.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a storefront's key has to be allowed. Every route that takes such a key says so. */
    scope?: Scope | 'any';
  }
}

const DECORATOR = 'apiKey';

type Asking = Pick<FastifyRequest, 'getDecorator'>;
const keyOf = (request: Asking): KnownKey | null => request.getDecorator<KnownKey | null>(DECORATOR);

/** Who asks; empty where no key was asked for. */
export const storefrontOf = (request: Asking): string => keyOf(request)?.storefrontId ?? '';

/** With which of its keys, by id; empty where no key was asked for. */
export const keyIdOf = (request: Asking): string => keyOf(request)?.id ?? '';

export class Authentication {
  readonly #keys: ApiKeys<KnownKey>;

  /** @param mode of the keys that are made here: live ones are let in everywhere, those for tests where they are made */
  constructor(database: Database, mode: KeyMode) {
    const modes = [...new Set<KeyMode>(['live', mode])];
    this.#keys = new ApiKeys({
      lookUp: async (hash, key) => {
        const found = await findKey(database, { hash, prefix: prefixOf(key) }, modes);
        // Nobody waits for the note, and a key is as good without it.
        if (found?.unnoted === true) noteUse(database, found.key.id).catch(() => undefined);
        return found?.key;
      },
    });
  }

  /** Lets requests carry who asks; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, null);
  }

  /** Asks for a key on every route that is added from now on. */
  guard(app: App): void {
    app.addHook('onRoute', ({ url, config }) => {
      if (config?.scope === undefined) throw new TypeError(`the route ${url} does not say which scope it needs`);
    });
    app.addHook('onRequest', this.#check);
  }

  /** True for a request with a key that was valid when it was looked up last. */
  knows(request: FastifyRequest): boolean {
    return this.#keys.knows(request);
  }

  /** Before the body is read. @throws {Problem} `request.unauthenticated` */
  readonly #check = async (request: FastifyRequest): Promise<void> => {
    const key = await this.#keys.ownerOf(request);
    if (key === undefined)
      throw new Problem('request.unauthenticated', 'Send Authorization: Bearer with the key of a storefront.');
    request.setDecorator(DECORATOR, key);
  };

  /** Asks for the scope on every route that is added from now on, once the key is known and what it asks for is counted. */
  guardScopes(app: App): void {
    app.addHook('onRequest', this.#checkScope);
  }

  /** Ends with a Problem `request.scope`. */
  readonly #checkScope = (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const key = keyOf(request);
    done(key === null ? undefined : refusalByScope(key, request.routeOptions.config.scope));
  };
}

function refusalByScope({ scopes }: KnownKey, needed: Scope | 'any' | undefined): Problem | undefined {
  if (needed === 'any' || scopes.some((scope) => scope === needed)) return undefined;
  return new Problem('request.scope', `This needs a key with the scope ${needed}; this one has ${scopes.join(', ')}.`);
}
