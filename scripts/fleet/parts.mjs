import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Processes of the Procfile that are not part of a running development fleet: the one runs before, the other instead. */
export const NOT_STARTED = ['release', 'fleet'];

/** What the sandbox provider knows us by. */
const SANDBOX_KEY = 'sandbox-provider-key';

/**
 * @typedef {object} FleetSetting
 * @property {string} root
 * @property {string} home where the sandbox keeps its files
 * @property {Map<string, string[]>} commands of the Procfile
 * @property {Map<string, number>} counts
 * @property {number} port of web
 * @property {Record<string, number>} ports the others, by the names of `portNames`
 * @property {NodeJS.ProcessEnv} environment with the URLs of the servers
 */

/**
 * The ports that a fleet needs beside that of web.
 * @param {Map<string, number>} counts
 */
export function portNames(counts) {
  const workers = [...counts].filter(([name]) => name !== 'web');
  return ['provider', 'mail-sink-smtp', 'mail-sink', ...workers.flatMap(([name, count]) => instanceNames(name, count))];
}

/**
 * What every process is told. What the environment sets already stands.
 * @param {Pick<FleetSetting, 'home' | 'port' | 'ports' | 'environment'>} setting
 * @returns {NodeJS.ProcessEnv}
 */
export function fleetEnvironment({ home, port, ports, environment }) {
  const provider = `http://127.0.0.1:${ports.provider}`;
  return {
    LOG_FORMAT: 'pretty',
    PAYMENT_URL: provider,
    CARRIER_URL: provider,
    ENCRYPTION_KEYS: keptEncryptionKey(home),
    PAYMENT_API_KEY: SANDBOX_KEY,
    CARRIER_API_KEY: SANDBOX_KEY,
    MAIL_FROM: 'Warren <orders@warren.example>',
    SMTP_URL: `smtp://127.0.0.1:${ports['mail-sink-smtp']}`,
    PROVIDER_DIR: join(home, 'provider'),
    MAIL_SINK_DIR: join(home, 'mail-sink'),
    ...environment,
    PORT: String(port),
    NODE_ENV: 'development',
  };
}

/**
 * What seals secrets and personal data in development: made at the first start, and kept as long as the servers' data.
 * @param {string} home
 */
function keptEncryptionKey(home) {
  const path = join(home, 'encryption-key');
  mkdirSync(home, { recursive: true });
  try {
    writeFileSync(path, `development:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8').trim();
}

/**
 * Everything that runs in development: the sandbox first, then the processes of the Procfile.
 * @param {FleetSetting} setting
 * @returns {import('./supervise.mjs').Part[]}
 */
export function fleetParts(setting) {
  const { root, commands, counts, port, ports } = setting;
  const env = fleetEnvironment(setting);
  const sandbox = [
    sandboxPart('provider', ports.provider, { PROVIDER_PORT: ports.provider }),
    sandboxPart('mail-sink', ports['mail-sink'], {
      MAIL_SINK_HTTP_PORT: ports['mail-sink'],
      MAIL_SINK_SMTP_PORT: ports['mail-sink-smtp'],
    }),
  ];
  const webHost = reachableHost(setting.environment.HOST);
  const processes = [...counts].flatMap(([name, count]) =>
    instanceNames(name, count).map((instance) => {
      const own = name === 'web' ? `${webHost}:${port}` : `127.0.0.1:${ports[instance]}`;
      return {
        name: instance,
        command: commands.get(name) ?? [],
        env: { ...env, ...(name === 'web' ? {} : { HEALTH_PORT: String(ports[instance]) }) },
        cwd: root,
        address: `http://${own}${name === 'web' ? '' : '/readyz'}`,
        readyUrl: `http://${own}/readyz`,
      };
    }),
  );
  return [...sandbox, ...processes];

  /**
   * Outlives the workers when the terminal stops everything at once: they finish their effects with it.
   * @param {string} name
   * @param {number | undefined} listensOn
   * @param {Record<string, number | undefined>} variables
   * @returns {import('./supervise.mjs').Part}
   */
  function sandboxPart(name, listensOn, variables) {
    const texts = Object.entries(variables).map(([variable, value]) => [variable, String(value)]);
    const address = `http://127.0.0.1:${listensOn}`;
    return {
      name,
      command: ['node', `dist/sandbox/${name}/start.js`],
      env: { ...env, ...Object.fromEntries(texts) },
      cwd: root,
      address,
      readyUrl: `${address}/readyz`,
      ownGroup: true,
    };
  }
}

/**
 * Where to reach a process that listens on that address.
 * @param {string | undefined} host
 */
function reachableHost(host) {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * @param {string} name
 * @param {number} count
 */
function instanceNames(name, count) {
  return count === 1 ? [name] : Array.from({ length: count }, (_, at) => `${name}.${at + 1}`);
}
