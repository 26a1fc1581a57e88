import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { Failure } from '../terminal/failure.mjs';
import { ensureCertificate } from './authority.mjs';
import { executables, foldersLike, outputOf, searchPath } from './binaries.mjs';
import { exchange } from './exchange.mjs';
import { greetRabbitMq, logInToManagement } from './rabbitmq-hello.mjs';
import { readRecord } from './record.mjs';

const SHARED_SETTINGS = new URL('../../config/rabbitmq/rabbitmq.conf', import.meta.url);
const USER = 'warren';
const EPMD_ATTEMPTS = 20;

/**
 * What tells one node from another.
 * @typedef {object} RabbitMqNode
 * @property {string} name as Erlang knows it: the data carry it, so it does not change with the ports
 * @property {number} [epmd] the port of the port mapper that several nodes share; by default one of its own keeps its name
 *   from clashing
 * @property {readonly string[]} [settings] lines of its configuration, such as who its peers are
 */

/** @type {RabbitMqNode} */
const ALONE = { name: 'warren@localhost' };

/** RabbitMQ with its management plugin; messages survive a crash and a restart. */
/** @type {import('./server.mjs').Server} */
export const rabbitmq = {
  ...rabbitmqNode('rabbitmq', ALONE),
  portNames: ['amqp', 'management', 'distribution', 'epmd'],

  async afterStop({ ports }) {
    await stopEpmd(ports.epmd ?? 0);
  },
};

/**
 * @param {import('./server.mjs').Server['name']} name
 * @param {RabbitMqNode} node
 * @returns {import('./server.mjs').Server}
 */
export function rabbitmqNode(name, node) {
  return {
    name,
    title: 'RabbitMQ',
    variables: ['RABBITMQ_URL', 'CLOUDAMQP_URL', 'AMQP_URL'],
    portNames: ['amqp', 'management', 'distribution'],
    secretNames: ['password', 'cookie'],
    packages: { apt: ['rabbitmq-server'], brew: ['rabbitmq'] },
    stopSignal: 'SIGTERM',
    wholeGroup: true,

    async find() {
      const folders = [
        '/usr/lib/rabbitmq/bin',
        ...foldersLike('/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin'),
        ...searchPath(),
        '/opt/homebrew/sbin',
        '/usr/local/sbin',
      ];
      for (const binary of executables('rabbitmq-server', folders)) {
        // Debian's wrapper runs the system's own instance, as the system's own user.
        if (readFileSync(realpathSync(binary), 'latin1').includes('cd /var/lib/rabbitmq')) continue;
        const version =
          versionOf(binary) ?? (await outputOf(join(dirname(binary), 'rabbitmqctl'), ['version']))?.trim();
        if (version) return { binary, version };
      }
      return undefined;
    },

    async prepare({ folder, installed, ports, secrets, authority }) {
      const home = join(folder, 'home');
      mkdirSync(home, { recursive: true });
      const cookie = join(home, '.erlang.cookie');
      rmSync(cookie, { force: true });
      writeFileSync(cookie, secrets.cookie ?? '', { mode: 0o400 });
      chmodSync(cookie, 0o400);
      const listeners = authority ? encrypted(await ensureCertificate(authority, folder), ports) : plain(ports);
      writeFileSync(join(folder, 'rabbitmq.conf'), configuration(listeners, secrets, node), { mode: 0o600 });
      writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_management].\n');
      writeFileSync(join(folder, 'rabbitmq-env.conf'), '');
      return { command: installed.binary, args: [], cwd: folder, env: serverEnvironment(folder, ports, node) };
    },

    async answers({ ports, secrets, authority }) {
      await logInToManagement(managementUrl(ports, secrets, authority), authority);
      await greetRabbitMq({ host: '127.0.0.1', port: ports.amqp ?? 0, ca: authority });
    },

    urls({ ports, secrets, authority }) {
      return {
        RABBITMQ_URL: `${authority ? 'amqps' : 'amqp'}://${USER}:${secrets.password}@127.0.0.1:${ports.amqp}`,
        RABBITMQ_MANAGEMENT_URL: managementUrl(ports, secrets, authority),
        ...(authority ? { RABBITMQ_CA: authority } : {}),
      };
    },

    greet(url) {
      const tls = url.protocol === 'amqps:';
      return greetRabbitMq({ host: url.hostname, port: Number(url.port || (tls ? 5671 : 5672)), tls });
    },
  };
}

/**
 * rabbitmqctl, aimed at the instance of that folder.
 * @param {string} folder
 * @param {RabbitMqNode} [node] it runs
 * @returns {{ command: string, args: string[], env: NodeJS.ProcessEnv }}
 */
export function controlCommand(folder, node = ALONE) {
  const record = readRecord(folder);
  if (record?.kind === 'compose') {
    return {
      command: 'docker',
      args: ['compose', '-p', record.project ?? '', 'exec', 'rabbitmq', 'rabbitmqctl'],
      env: process.env,
    };
  }
  if (!record?.binary) throw new Failure(`No RabbitMQ of ours has been started in ${folder}`);
  const command = join(dirname(record.binary), 'rabbitmqctl');
  return { command, args: [], env: serverEnvironment(folder, record.ports, node) };
}

/** @param {Record<string, number>} ports */
function plain(ports) {
  return `listeners.tcp.default = 127.0.0.1:${ports.amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}`;
}

/**
 * @param {import('./authority.mjs').Certificate} files
 * @param {Record<string, number>} ports
 */
function encrypted({ ca, certificate, key }, ports) {
  const files = { cacertfile: ca, certfile: certificate, keyfile: key };
  const given = (/** @type {string} */ of) => Object.entries(files).map(([name, path]) => `${of}.${name} = ${path}`);
  return [
    'listeners.tcp = none',
    `listeners.ssl.default = 127.0.0.1:${ports.amqp}`,
    ...given('ssl_options'),
    'ssl_options.verify = verify_none',
    'management.ssl.ip = 127.0.0.1',
    `management.ssl.port = ${ports.management}`,
    ...given('management.ssl'),
  ].join('\n');
}

/**
 * @param {string} listeners
 * @param {Record<string, string>} secrets
 * @param {RabbitMqNode} node
 */
function configuration(listeners, secrets, { settings = [] }) {
  return `${readFileSync(SHARED_SETTINGS, 'utf8')}
${listeners}
default_user = ${USER}
default_pass = ${secrets.password}
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
default_user_tags.administrator = true
${settings.map((line) => `${line}\n`).join('')}`;
}

/**
 * Everything that RabbitMQ would otherwise share with the system's own instance: node name, cookie, ports, epmd, folders.
 * @param {string} folder
 * @param {Record<string, number>} ports
 * @param {RabbitMqNode} node
 * @returns {NodeJS.ProcessEnv}
 */
function serverEnvironment(folder, ports, node) {
  const schedulers = Math.min(availableParallelism(), 4);
  const environment = Object.entries(process.env).filter(([name]) => !/^(RABBITMQ|ERL|NOTIFY_SOCKET)/.test(name));
  return {
    ...Object.fromEntries(environment),
    HOME: join(folder, 'home'),
    RABBITMQ_NODENAME: node.name,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_MNESIA_DIR: join(folder, 'data', 'node'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
    // With this the script becomes the server instead of waiting beside it; `-noinput` takes back the rest of its meaning.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SCHEDULER_BIND_TYPE: 'u',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-noinput +S ${schedulers}:${schedulers} +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}`,
    ERL_EPMD_PORT: String(node.epmd ?? ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: join(folder, 'erl_crash.dump'),
    ERL_CRASH_DUMP_BYTES: '0',
  };
}

/**
 * @param {Record<string, number>} ports
 * @param {Record<string, string>} secrets
 * @param {string | undefined} authority
 */
function managementUrl(ports, secrets, authority) {
  return `${authority ? 'https' : 'http'}://${USER}:${secrets.password}@127.0.0.1:${ports.management}`;
}

/**
 * The version in the name of the folder: asking rabbitmqctl starts a virtual machine and takes a second.
 * @param {string} binary
 */
function versionOf(binary) {
  const named = realpathSync(binary).match(/rabbitmq(?:_server-|\/)(\d+\.\d+\.\d+)/)?.[1];
  if (named) return named;
  const [beside] = foldersLike(join(dirname(dirname(binary)), 'lib', 'rabbitmq_server-*'));
  return beside && existsSync(beside) ? beside.match(/rabbitmq_server-(\S+)$/)?.[1] : undefined;
}

/**
 * Erlang's port mapper outlives the server that started it. Ours has a port of its own and refuses to go while a node
 * is registered, so this ends none but ours; it may take a moment to notice that the node is gone.
 * @param {number} port
 */
export async function stopEpmd(port) {
  const killRequest = Buffer.from([0, 1, 0x6b]);
  for (let attempt = 1; attempt <= EPMD_ATTEMPTS; attempt++) {
    const answer = await exchange({ host: '127.0.0.1', port }, killRequest, String, 1_000).catch(() => 'gone');
    if (answer !== 'NO') return;
    await later(100);
  }
}
