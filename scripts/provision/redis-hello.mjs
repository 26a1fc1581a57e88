import { exchange } from './exchange.mjs';

/**
 * Logs in to Redis or Valkey and reads what it says of itself.
 * @param {import('./exchange.mjs').Address} address
 * @param {{ username?: string, password?: string }} credentials
 * @returns {Promise<{ pid: number, version: string }>}
 * @throws when nothing answers, something else does, or it refuses the password
 */
export async function greetRedis(address, { username = '', password = '' }) {
  const names = username === '' ? [] : [username];
  const logIn = password === '' ? '' : command('AUTH', ...names, password);
  const answers = await exchange(address, logIn + command('INFO', 'server'), (answer) => understandRedis(answer));
  const facts = Object.fromEntries(answers.split('\r\n').map((line) => line.split(':', 2)));
  const version = facts.valkey_version ? `Valkey ${facts.valkey_version}` : (facts.redis_version ?? 'unknown');
  return { pid: Number(facts.process_id), version };
}

/**
 * @param {Buffer} answer
 * @returns {string | undefined} the text of INFO
 */
function understandRedis(answer) {
  const text = answer.toString('utf8').replace(/^\+OK\r\n/, '');
  if (text.startsWith('-')) throw new Error(`it answers: ${text.slice(1).split('\r\n')[0]}`);
  if (text === '' || text === '+OK' || text === '+OK\r') return undefined;
  if (!text.startsWith('$')) throw new Error('it is not Redis');
  const end = text.indexOf('\r\n');
  if (end === -1 || Buffer.byteLength(text) < end + 4 + Number(text.slice(1, end))) return undefined;
  return text.slice(end + 2);
}

/** @param {readonly string[]} words */
function command(...words) {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
