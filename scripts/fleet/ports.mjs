import { readFileSync, writeFileSync } from 'node:fs';
import { freePorts, isFree } from '../provision/ports.mjs';
import { Failure } from '../terminal/failure.mjs';

const DEFAULT_PORT = 8080;

/**
 * The port for the intake: the one asked for, which must be free; or the first free one from 8080.
 * @param {string | undefined} wanted
 * @param {string} [host]
 */
export async function webPort(wanted, host = '127.0.0.1') {
  if (wanted !== undefined && wanted !== '') {
    const port = Number(wanted);
    if (!/^\d{1,5}$/.test(wanted) || port < 1 || port > 65_535) {
      throw new Failure(`${wanted} is not a port`, { remedy: 'give a number from 1 to 65535' });
    }
    if (await isFree(port, host)) return port;
    throw new Failure(`Port ${port} is taken by another process`, {
      remedy: `stop that process (lsof -i :${port} says which), or choose another: npm start -- --port ${port + 1}`,
    });
  }
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + 100; port++) if (await isFree(port, host)) return port;
  throw new Failure(`No port from ${DEFAULT_PORT} to ${DEFAULT_PORT + 99} is free`, { remedy: 'choose one: --port' });
}

/**
 * Free ports by name, the same as last time where they still are.
 * @param {string} path where they are remembered
 * @param {readonly string[]} names
 */
export async function rememberedPorts(path, names) {
  const before = readPorts(path);
  const ports = await freePorts(names, before);
  writeFileSync(path, `${JSON.stringify({ ...before, ...ports }, undefined, 2)}\n`);
  return ports;
}

/**
 * @param {string} path
 * @returns {Record<string, number>}
 */
function readPorts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}
