/** Keys of callers, `Authorization: Bearer <key>`: known by their hash, and looked up no more often than need be. */
import { hash as digestOf, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** A revoked key is let in for this long at most. */
const REMEMBER_MS = 3000;
/** Keys remembered at once, unknown ones included; beyond, the unknown ones are forgotten. */
const REMEMBERED_AT_MOST = 10_000;

export const hashOf = (key: string): Buffer => digestOf('sha256', key, 'buffer');

/** A key of 192 random bits. @param prefix says what it opens */
export const newKey = (prefix: string): string => `${prefix}_live_${randomBytes(24).toString('base64url')}`;

interface Remembered<T> {
  readonly owner: Promise<T | undefined>;
  /** On the monotonic clock: set back, the other would go on letting in a revoked key. */
  readonly until: number;
  /** It was somebody's when it was looked up last. */
  good: boolean;
}

export interface KeyOwners<T> {
  /** Whose key this is. */
  readonly lookUp: (hash: Buffer, key: string) => Promise<T | undefined>;
  /** Keys that are let in nowhere, be they stored or not: in production those that everybody knows. */
  readonly refused?: readonly string[] | undefined;
}

/** Tells whose key a request carries. */
export class ApiKeys<T> {
  readonly #lookUp: KeyOwners<T>['lookUp'];
  readonly #refused: ReadonlySet<string>;
  readonly #remembered = new Map<string, Remembered<T>>();

  constructor({ lookUp, refused = [] }: KeyOwners<T>) {
    this.#lookUp = lookUp;
    this.#refused = new Set(refused.map(nameOf));
  }

  /** Undefined whatever is wrong with the key. */
  ownerOf({ headers }: Pick<FastifyRequest, 'headers'>): Promise<T | undefined> {
    const key = keyIn(headers);
    return key === undefined ? NOBODY : this.ownerOfKey(key);
  }

  /** Undefined when nobody's key it is. */
  ownerOfKey(key: string): Promise<T | undefined> {
    const name = nameOf(key);
    return this.#refused.has(name) ? NOBODY : this.#find(name, key);
  }

  /** True for a key that was somebody's when it was looked up last, perhaps long ago. Looks nothing up. */
  knows({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
    const key = keyIn(headers);
    return key !== undefined && this.knowsKey(key);
  }

  knowsKey(key: string): boolean {
    return this.#remembered.get(nameOf(key))?.good === true;
  }

  /** Looks the key up anew when it comes again. */
  forget(key: string): void {
    this.#remembered.delete(nameOf(key));
  }

  #find(name: string, key: string): Promise<T | undefined> {
    const now = performance.now();
    const remembered = this.#remembered.get(name);
    if (remembered !== undefined && remembered.until > now) return remembered.owner;
    if (this.#remembered.size >= REMEMBERED_AT_MOST) this.#makeRoom();
    const owner = this.#lookUp(hashOf(key), key);
    const fresh = { owner, until: now + REMEMBER_MS, good: remembered?.good === true };
    this.#remembered.set(name, fresh);
    owner.then(
      (found) => {
        fresh.good = found !== undefined;
      },
      // A look-up that failed says nothing about the key.
      () => this.#remembered.delete(name),
    );
    return owner;
  }

  /** Forgets keys that are nobody's; those that were somebody's only when they are that many themselves. */
  #makeRoom(): void {
    for (const [name, { good }] of this.#remembered) if (!good) this.#remembered.delete(name);
    if (this.#remembered.size >= REMEMBERED_AT_MOST) this.#remembered.clear();
  }
}

/** One for all, since a promise for each request would be made for nothing. */
const NOBODY = Promise.resolve(undefined);

const keyIn = ({ authorization = '' }: FastifyRequest['headers']): string | undefined =>
  /^Bearer ([\x21-\x7e]{1,255})$/i.exec(authorization)?.[1];

/** What a key is remembered by: its hash. */
const nameOf = (key: string): string => digestOf('sha256', key, 'base64');
