/**
 * Seals short secrets for PostgreSQL: AES-256-GCM under the keys of the environment. What is sealed is bound to its purpose
 * and to the thing it belongs to, so that it opens nowhere else, and names the key that opens it.
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import type { EncryptionKey } from '../../config/encryption-keys.js';
import { PermanentError, TransientError } from '../actors/errors.js';

/** What a secret is for. Never renamed: what is sealed already says the old name. */
export type Purpose = 'payment-token' | 'webhook-secret';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Rungs of 13 minutes in all: for the fleet to be given the key. */
const ATTEMPTS_WITHOUT_KEY = 6;

export class Keyring {
  readonly #sealing: EncryptionKey;
  readonly #keys: ReadonlyMap<string, EncryptionKey>;

  /** @param keys the first seals, all of them open; at least one */
  constructor(keys: readonly EncryptionKey[]) {
    const [sealing] = keys;
    if (sealing === undefined) throw new RangeError('a keyring needs a key');
    this.#sealing = sealing;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
  }

  /** The key that seals now. */
  get sealingKeyId(): string {
    return this.#sealing.id;
  }

  /** Seals a text for one purpose and one thing, such as an order: `<key id>.<base64url>`. */
  seal(purpose: Purpose, subjectId: string, text: string): string {
    const nonce = nextNonce();
    const cipher = createCipheriv(CIPHER, this.#sealing.secret, nonce);
    cipher.setAAD(boundTo(purpose, subjectId));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${this.#sealing.id}.${sealed.toString('base64url')}`;
  }

  /**
   * The text that `seal` was given for the same purpose and thing.
   * @throws {TransientError} `secret.key-missing` naming the key that this process was not given
   * @throws {PermanentError} `secret.unreadable` when it is of something else, was changed, or the key is another of that name
   */
  open(purpose: Purpose, subjectId: string, sealed: string): string {
    const id = sealedBy(sealed);
    const key = this.#keys.get(id);
    if (key === undefined) throw missing(purpose, subjectId, id);
    const bytes = Buffer.from(sealed.slice(id.length + 1), 'base64url');
    try {
      const decipher = createDecipheriv(CIPHER, key.secret, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(boundTo(purpose, subjectId));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // What the cipher says names no cause, and nothing of the secret may stand in an error.
      throw new PermanentError(
        'secret.unreadable',
        `the ${purpose} of ${subjectId} does not open with key ${id}: it was changed, or ENCRYPTION_KEYS has another key of that name`,
      );
    }
  }
}

/** The id of the key that opens it. */
export function sealedBy(sealed: string): string {
  return sealed.slice(0, Math.max(sealed.indexOf('.'), 0));
}

/** Random bytes are fetched for many nonces at once: fetching them for one costs half as much as sealing. */
const nonces = Buffer.alloc(NONCE_BYTES * 256);
let used = nonces.length;

function nextNonce(): Buffer {
  if (used === nonces.length) {
    randomFillSync(nonces);
    used = 0;
  }
  used += NONCE_BYTES;
  return nonces.subarray(used - NONCE_BYTES, used);
}

const boundTo = (purpose: Purpose, subjectId: string): Buffer => Buffer.from(`${purpose}\n${subjectId}`);

function missing(purpose: Purpose, subjectId: string, id: string): TransientError {
  return new TransientError(
    'secret.key-missing',
    `the ${purpose} of ${subjectId} is sealed with key ${id || '(none)'}, which ENCRYPTION_KEYS does not have; put it back at the end of the list`,
    { maxAttempts: ATTEMPTS_WITHOUT_KEY },
  );
}
