/**
 * Seals short secrets for PostgreSQL: AES-256-GCM under the keys of the environment. What is sealed is bound to its purpose
 * and to the thing it belongs to, so that it opens nowhere else, and names the key that opens it.
 */
import { createHmac } from 'node:crypto';
import type { EncryptionKey } from '../../config/encryption-keys.js';
import { PermanentError, TransientError } from '../actors/errors.js';
import { decrypt, encrypt } from './aes-gcm.js';

/** What a secret is for. Never renamed: what is sealed already says the old name. */
export type Purpose = 'payment-token' | 'order-key' | 'webhook-secret';

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
    return `${this.#sealing.id}.${encrypt(this.#sealing.secret, boundTo(purpose, subjectId), text)}`;
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
    try {
      return decrypt(key.secret, boundTo(purpose, subjectId), sealed.slice(id.length + 1));
    } catch {
      // What the cipher says names no cause, and nothing of the secret may stand in an error.
      throw new PermanentError(
        'secret.unreadable',
        `the ${purpose} of ${subjectId} does not open with key ${id}: it was changed, or ENCRYPTION_KEYS has another key of that name`,
      );
    }
  }

  /**
   * Stands for a customer where orders are looked for: `<key id>.<digest>` of the e-mail address by the first key, the same for
   * every order of theirs, and of no use to who has no key.
   */
  customerDigest(email: string): string {
    return digestBy(this.#sealing, email);
  }

  /** What the digest may be in orders of any age: one for each key. */
  customerDigests(email: string): string[] {
    return [...this.#keys.values()].map((key) => digestBy(key, email));
  }
}

/** 128 bits of HMAC-SHA256, of the address as most mail servers take it: letters of either case are one. */
function digestBy({ id, secret }: EncryptionKey, email: string): string {
  const normal = email.trim().normalize('NFC').toLowerCase();
  return `${id}.${createHmac('sha256', secret).update(`customer-digest\n${normal}`).digest('base64url').slice(0, 22)}`;
}

/** The id of the key that opens it. */
export function sealedBy(sealed: string): string {
  return sealed.slice(0, Math.max(sealed.indexOf('.'), 0));
}

const boundTo = (purpose: Purpose, subjectId: string): string => `${purpose}\n${subjectId}`;

function missing(purpose: Purpose, subjectId: string, id: string): TransientError {
  return new TransientError(
    'secret.key-missing',
    `the ${purpose} of ${subjectId} is sealed with key ${id || '(none)'}, which ENCRYPTION_KEYS does not have; put it back at the end of the list`,
    { maxAttempts: ATTEMPTS_WITHOUT_KEY },
  );
}
