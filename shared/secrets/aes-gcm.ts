/** AES-256-GCM of node:crypto under random nonces: nonce, ciphertext and tag in one. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of a key. */
const KEY_BYTES = 32;

/** @param boundTo has to be given again to decrypt it */
export function encrypt(key: Buffer, boundTo: string, text: string): string {
  const nonce = randomPart(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(Buffer.from(boundTo));
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** Throws when it was changed, or belongs to another key or to something else; what is thrown tells nothing of the text. */
export function decrypt(key: Buffer, boundTo: string, encrypted: string): string {
  const bytes = Buffer.from(encrypted, 'base64url');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(boundTo));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

export const randomKey = (): Buffer => Buffer.from(randomPart(KEY_BYTES));

/** Random bytes are fetched for many at once: fetching those of one nonce costs half as much as sealing. */
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Bytes that nobody else gets; to be copied when they are kept. */
function randomPart(length: number): Buffer {
  if (used + length > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += length;
  return pool.subarray(used - length, used);
}
