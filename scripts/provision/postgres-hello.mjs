import { exchange } from './exchange.mjs';

/** The error codes that say "come back in a moment": starting up, shutting down, too many connections. */
const NOT_YET = ['57P03', '53300'];

/**
 * Greets PostgreSQL as a client does, without logging in.
 * @param {import('./exchange.mjs').Address} address
 * @param {string} user
 * @param {string} database
 * @throws when nothing answers, something else does, or it is not ready yet
 */
export async function greetPostgres(address, user, database) {
  const protocol = Buffer.from([0, 3, 0, 0]);
  const words = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(length.length + protocol.length + words.length);
  const greeting = Buffer.concat([length, protocol, words]);
  await exchange({ ...address, tls: false }, greeting, understandPostgres);
}

/**
 * @param {Buffer} answer
 * @returns {true | undefined}
 */
function understandPostgres(answer) {
  if (answer.length < 5) return undefined;
  const kind = String.fromCharCode(answer.readUInt8(0));
  if (kind === 'R') return true;
  if (kind !== 'E') throw new Error('it is not PostgreSQL');
  if (answer.length < 1 + answer.readUInt32BE(1)) return undefined;
  const fields = answer.subarray(5).toString('utf8').split('\0');
  const code = fields.find((field) => field.startsWith('C'))?.slice(1) ?? '';
  const message = fields.find((field) => field.startsWith('M'))?.slice(1) ?? '';
  if (NOT_YET.includes(code)) throw new Error(`it answers: ${message}`);
  return true;
}
