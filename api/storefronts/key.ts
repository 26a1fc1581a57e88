/**
 * The keys of storefronts, as they are written: `wk_<mode>_<public part>_<secret>`. What comes before the secret tells one key
 * from another, in lists and in the look-up, and opens nothing.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** What a key may be allowed. The storefront's catalogue may be read with any key. */
export const SCOPES = ['orders:write', 'orders:read', 'stock:write', 'webhooks:write'] as const;
export type Scope = (typeof SCOPES)[number];

/** A live key is let in everywhere, a test key nowhere in production. */
export type KeyMode = 'live' | 'test';

/** Keys of a storefront that are not revoked at once, of each mode: one, and the one that takes its place. */
export const KEYS_AT_MOST = 2;

const PUBLIC_BYTES = 6;
const SECRET_BYTES = 24;
const KEY = /^(wk_(?:live|test)_[0-9a-z]{12})_[\w-]{16,64}$/;

export interface DrawnKey {
  /** Everything but the secret. */
  readonly prefix: string;
  /** To be shown once; 192 random bits are secret. */
  readonly key: string;
}

export function drawKey(mode: KeyMode): DrawnKey {
  const prefix = `wk_${mode}_${randomBytes(PUBLIC_BYTES).toString('hex')}`;
  return { prefix, key: `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}` };
}

/** Everything but the secret; undefined for what is not written as a key, and for keys of before they were written so. */
export const prefixOf = (key: string): string | undefined => KEY.exec(key)?.[1];

/** Whether two SHA-256 are the same in every byte, in a time that does not tell how many are. */
export const isSameHash = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** The mode of the keys that are made where this is the environment. */
export const modeFor = (nodeEnv: string): KeyMode => (nodeEnv === 'production' ? 'live' : 'test');
