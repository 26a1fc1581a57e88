import { createServer } from 'node:net';

/**
 * Below the range from which systems take the ports of outgoing connections, so that a server of ours that is down for
 * a moment finds its port free again; and low enough for a default Erlang distribution port.
 */
const LOWEST = 21_000;
const HIGHEST = 31_999;

/**
 * Whether one may listen there on loopback.
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>}
 */
export function isFree(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * One free port for each name. Those of `wanted` are kept while they are free, so that a server comes back where it was.
 * @param {readonly string[]} names
 * @param {Readonly<Record<string, number>>} [wanted]
 * @returns {Promise<Record<string, number>>}
 */
export async function freePorts(names, wanted = {}) {
  /** @type {Record<string, number>} */
  const ports = {};
  for (const name of names) {
    const before = wanted[name];
    ports[name] = before !== undefined && (await isFree(before)) ? before : await anyFreePort(Object.values(ports));
  }
  return ports;
}

/** @param {readonly number[]} taken */
async function anyFreePort(taken) {
  for (let attempt = 1; attempt <= 500; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (!taken.includes(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST} on 127.0.0.1`);
}
