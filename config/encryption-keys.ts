/** The keys that seal secrets and personal data, as they stand in the environment: `id:base64`, separated by commas. */
import type { Variable } from './variable.js';

export interface EncryptionKey {
  /** Stands with everything that it has sealed. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Buffer;
}

const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
const KEY_BYTES = 32;

/** The first key seals; all of them open. */
export const encryptionKeys: Variable<readonly EncryptionKey[]> = {
  names: ['ENCRYPTION_KEYS'],
  expects:
    'keys as ID:BASE64 of 32 bytes, separated by commas, each with an id of its own (node dist/scripts/encryption.js new makes one)',
  meaning:
    'what seals payment tokens, personal data and the secrets of webhooks: the first key seals, all of them open',
  fallback: undefined,
  developmentOnly: undefined,
  parse(value) {
    const keys = value.split(',').map((one) => keyOf(one.trim()));
    if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw new RangeError();
    return keys;
  },
};

/** A key as it stands in the environment. */
export const keyText = ({ id, secret }: EncryptionKey): string => `${id}:${secret.toString('base64')}`;

function keyOf(text: string): EncryptionKey {
  const colon = text.indexOf(':');
  const id = text.slice(0, colon);
  const secret = Buffer.from(text.slice(colon + 1), 'base64');
  // Text that is no base64 would be skipped, and leave a key that nobody meant.
  const whole = text.slice(colon + 1).replace(/=+$/, '') === secret.toString('base64').replace(/=+$/, '');
  if (!ID.test(id) || !whole || secret.length !== KEY_BYTES || secret.every((byte) => byte === secret[0]))
    throw new RangeError();
  return { id, secret };
}
