import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { exchange } from './exchange.mjs';

/**
 * Greets RabbitMQ and returns its version, which it tells before any log-in.
 * @param {import('./exchange.mjs').Address} address
 * @throws when nothing answers, or something else does
 */
export function greetRabbitMq(address) {
  return exchange(address, Buffer.from('AMQP\0\0\x09\x01', 'latin1'), understandRabbitMq);
}

/**
 * Reads `version` out of the server properties of connection.start.
 * @param {Buffer} answer
 * @returns {string | undefined}
 */
function understandRabbitMq(answer) {
  if (answer.length > 0 && answer[0] !== 1) throw new Error('it does not speak AMQP 0-9-1');
  if (answer.length < 7 || answer.length < 8 + answer.readUInt32BE(3)) return undefined;
  // A field: a short string for its name, 'S' and a long string for its value.
  const name = Buffer.from('\x07versionS', 'latin1');
  const at = answer.indexOf(name);
  if (at === -1) return 'unknown';
  const length = answer.readUInt32BE(at + name.length);
  return answer.subarray(at + name.length + 4, at + name.length + 4 + length).toString('utf8');
}

/**
 * Asks the management plugin who we are: proves that it is up, and that the broker has our credentials.
 * @param {string} managementUrl with user and password
 * @param {string} [ca] the certificate of the authority that signs the server's
 */
export async function logInToManagement(managementUrl, ca) {
  const { hostname, port, username, password } = new URL(managementUrl);
  const auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const options = { hostname, port, path: '/api/whoami', auth, signal: AbortSignal.timeout(3_000) };
  const request = ca ? requestTls({ ...options, ca: readFileSync(ca) }) : requestPlain(options);
  const [answer] = await once(request.end(), 'response');
  answer.resume();
  if (answer.statusCode !== 200) throw new Error(`its management plugin answers ${answer.statusCode}`);
}
