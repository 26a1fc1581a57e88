/**
 * Who ordered, and where it goes, under a key that each order has of its own. Sealed it travels in messages and stands in event
 * log, dead letters and orders; the key stands in one row. Without that row nobody can read any of it any more.
 */
import { PermanentError, TransientError } from '../actors/errors.js';
import type { Personal, Sealed } from '../messaging/vocabulary.js';
import { decrypt, encrypt, randomKey } from './aes-gcm.js';
import type { Keyring } from './keyring.js';

/** What is sealed of an order; never renamed, since it is bound to its name. */
export type Member = 'customer' | 'shipping-address';

/** Stands for what was plain and is erased: nothing opens it. */
export const ERASED: Sealed = { sealed: 'erased' };

export const isSealed = <T extends object>(personal: Personal<T>): personal is Sealed => 'sealed' in personal;

/** The persons of one order. */
export class Persons {
  readonly #orderId: string;
  readonly #key: Buffer;

  private constructor(orderId: string, key: Buffer) {
    this.#orderId = orderId;
    this.#key = key;
  }

  /** Those of a new order, and its key as it is stored. */
  static begin(keyring: Keyring, orderId: string): { readonly persons: Persons; readonly sealedKey: string } {
    const key = randomKey();
    const sealedKey = keyring.seal('order-key', orderId, key.toString('base64url'));
    return { persons: new Persons(orderId, key), sealedKey };
  }

  /** @throws {TransientError} `secret.key-missing` @throws {PermanentError} `secret.unreadable` */
  static of(keyring: Keyring, orderId: string, sealedKey: string): Persons {
    return new Persons(orderId, Buffer.from(keyring.open('order-key', orderId, sealedKey), 'base64url'));
  }

  seal(member: Member, personal: object): Sealed {
    return { sealed: encrypt(this.#key, this.#boundTo(member), JSON.stringify(personal)) };
  }

  /**
   * What was sealed; what is plain, as releases before sealed persons published it, as it is (to be dropped: 20261122115001).
   * @throws {PermanentError} `secret.unreadable` when it was sealed for another order or as something else, or was changed
   */
  open<T extends object>(member: Member, personal: Personal<T>): T {
    if (!isSealed(personal)) return personal as T;
    try {
      // What was sealed under this name was of this type: only `seal` can have made it.
      return JSON.parse(decrypt(this.#key, this.#boundTo(member), personal.sealed)) as T;
    } catch {
      throw new PermanentError(
        'secret.unreadable',
        `the ${member} of order ${this.#orderId} does not open with the order's key: it was changed, or is another order's`,
      );
    }
  }

  #boundTo(member: Member): string {
    return `${this.#orderId}\n${member}`;
  }
}

/**
 * Opens what a message or a row says of an order's persons.
 * @param sealedKey undefined when the order has none
 * @throws {PermanentError} `person.erased` @throws as `Persons.of` and `Persons.open`
 */
export function openPersonal<T extends object>(
  keyring: Keyring,
  { orderId, sealedKey }: { readonly orderId: string; readonly sealedKey: string | undefined },
  member: Member,
  personal: Personal<T>,
): T {
  // A type that is sealed itself nobody asks for.
  if (!isSealed(personal)) return personal as T;
  if (sealedKey === undefined)
    throw new PermanentError('person.erased', `the ${member} of order ${orderId} was erased; nobody can read it`);
  return Persons.of(keyring, orderId, sealedKey).open<T>(member, personal);
}

/** Why persons cannot be read. Says nothing of them: it may be logged. */
export interface Unread {
  readonly code: string;
  readonly message: string;
}

const UNREAD = new Set(['secret.key-missing', 'secret.unreadable', 'person.erased']);

/**
 * What `openPersonal` returns, or why it cannot, for whoever goes on without: one order is not to keep anybody from the others.
 * @throws whatever says nothing about what is sealed
 */
export function openIfReadable<T>(open: () => T): { readonly opened: T } | { readonly unread: Unread } {
  try {
    return { opened: open() };
  } catch (error) {
    const ours = error instanceof TransientError || error instanceof PermanentError;
    if (ours && UNREAD.has(error.code)) return { unread: error };
    throw error;
  }
}
