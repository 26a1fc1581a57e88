import { readFileSync } from 'node:fs';
import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * @typedef {object} Address
 * @property {string} host an IPv6 address may stand in brackets, as in a URL
 * @property {number} port
 * @property {boolean} [tls]
 * @property {string | undefined} [ca] the certificate of the authority that signs the server's; with one it is spoken to by TLS
 * @property {boolean} [anyCertificate] accept certificates that nobody known has signed; hosted Redis often needs it
 */

/**
 * Says one thing to a server and reads until the answer is understood: enough to tell a server of the expected kind
 * from anything else that may listen there.
 * @template T
 * @param {Address} address
 * @param {Buffer | string} words
 * @param {(answer: Buffer) => T | undefined} understand undefined while bytes are missing; throws on another kind of answer
 * @param {number} [withinMs]
 * @returns {Promise<T>}
 */
export function exchange(
  { host, port, ca, tls = ca !== undefined, anyCertificate = false },
  words,
  understand,
  withinMs = 3_000,
) {
  return new Promise((resolve, reject) => {
    const at = { host: host.replace(/^\[(.*)\]$/, '$1'), port };
    const socket = tls
      ? connectTls({
          ...at,
          ...(isIP(at.host) === 0 && { servername: at.host }),
          ...(ca && { ca: readFileSync(ca) }),
          rejectUnauthorized: !anyCertificate,
        })
      : connectPlain(at);
    let answer = Buffer.alloc(0);
    const giveUp = setTimeout(() => end(() => reject(new Error(`no answer within ${withinMs / 1000} s`))), withinMs);
    /** @param {() => void} settle */
    const end = (settle) => {
      clearTimeout(giveUp);
      socket.destroy();
      settle();
    };
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(words));
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error('it closed the connection without an answer'))));
    socket.on('data', (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      try {
        const understood = understand(answer);
        if (understood !== undefined) end(() => resolve(understood));
      } catch (error) {
        end(() => reject(error));
      }
    });
  });
}
