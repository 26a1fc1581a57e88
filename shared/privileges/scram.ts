/**
 * A password as PostgreSQL stores it (RFC 5803): sent in its place, the password itself stands in no log of the server, and in no
 * statistics of statements.
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/** PostgreSQL's own. */
const ITERATIONS = 4096;
const BYTES = 32;

/** @param password of letters that need no preparation (RFC 4013), such as ASCII @param salt 16 random bytes */
export function scramVerifier(password: string, salt: Buffer): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, BYTES, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`;
}
