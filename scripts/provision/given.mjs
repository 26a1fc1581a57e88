import { Failure } from '../terminal/failure.mjs';

/**
 * A server that the environment names. It is used as it is, or not at all: when it does not answer nothing is put in its place.
 * @typedef {{ variable: string, urls: readonly string[] }} Given
 */

/**
 * @param {import('./server.mjs').Server} server
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Given | undefined}
 */
export function givenServer(server, environment) {
  for (const variable of server.variables) {
    const value = environment[variable]?.trim();
    // RabbitMQ's may name the nodes of a cluster.
    if (value) return { variable, urls: value.split(',').map((url) => url.trim()) };
  }
  return undefined;
}

/**
 * Greets it, or one node of it.
 * @param {import('./server.mjs').Server} server
 * @param {Given} given
 * @returns {Promise<{ version: string | undefined, address: string }>}
 */
export async function greetGiven(server, { variable, urls }) {
  const faults = [];
  for (const url of urls) {
    const address = withoutPassword(url);
    try {
      return { version: await server.greet(new URL(url)), address };
    } catch (error) {
      faults.push(`${address}: ${faultOf(error)}`);
    }
  }
  throw new Failure(`${server.title} does not answer where ${variable} says it is`, {
    why: faults.join('\n'),
    remedy: `start it, correct ${variable}, or unset it to have one provided in .local/`,
  });
}

/**
 * A URL that may be shown.
 * @param {string} url
 */
export function withoutPassword(url) {
  try {
    const parsed = new URL(url);
    parsed.password = '';
    if (parsed.protocol.startsWith('redis')) parsed.username = '';
    return parsed.href.replace(/\/$/, '');
  } catch {
    return '(not a URL)';
  }
}

/** @param {unknown} error */
function faultOf(error) {
  if (error instanceof AggregateError) return error.errors.map(String).join(', ');
  return error instanceof Error ? error.message : String(error);
}
