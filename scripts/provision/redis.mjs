import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCertificate } from './authority.mjs';
import { executables, outputOf, searchPath } from './binaries.mjs';
import { greetRedis } from './redis-hello.mjs';

/** Redis or Valkey; holds only what may be lost, so it writes nothing to disk. */
/** @type {import('./server.mjs').Server} */
export const redis = {
  name: 'redis',
  title: 'Redis',
  variables: ['REDIS_URL', 'REDIS_TLS_URL', 'REDISCLOUD_URL'],
  portNames: ['redis'],
  secretNames: ['password'],
  packages: { apt: ['redis-server'], brew: ['redis'] },
  stopSignal: 'SIGTERM',

  async find() {
    const folders = [...searchPath(), '/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
    for (const name of ['valkey-server', 'redis-server']) {
      for (const binary of executables(name, folders)) {
        const version = (await outputOf(binary, ['--version']))?.match(/v=(\S+)/)?.[1];
        if (version) return { binary, version: name === 'valkey-server' ? `Valkey ${version}` : version };
      }
    }
    return undefined;
  },

  async prepare({ folder, installed, ports, secrets, authority }) {
    const configuration = join(folder, 'redis.conf');
    mkdirSync(folder, { recursive: true });
    const lines = [
      'bind 127.0.0.1',
      ...(authority ? encrypted(await ensureCertificate(authority, folder), ports.redis) : [`port ${ports.redis}`]),
      `requirepass ${secrets.password}`,
      `dir ${JSON.stringify(folder)}`,
      'save ""',
      'appendonly no',
      'maxmemory 256mb',
      'maxmemory-policy noeviction',
      'daemonize no',
    ];
    writeFileSync(configuration, `${lines.join('\n')}\n`, { mode: 0o600 });
    return { command: installed.binary, args: [configuration], cwd: folder };
  },

  async answers({ ports, secrets, process, authority }) {
    const { pid } = await greetRedis(
      { host: '127.0.0.1', port: ports.redis ?? 0, ca: authority },
      { password: secrets.password ?? '' },
    );
    if (process && pid !== process.pid) throw new Error(`process ${pid} answers there, not ours`);
  },

  urls({ ports, secrets, authority }) {
    const url = `${authority ? 'rediss' : 'redis'}://:${secrets.password}@127.0.0.1:${ports.redis}`;
    return { REDIS_URL: url, ...(authority ? { REDIS_CA: authority } : {}) };
  },

  async greet(url) {
    const tls = url.protocol === 'rediss:';
    const anyCertificate = ['0', 'false'].includes(process.env.REDIS_TLS_REJECT_UNAUTHORIZED ?? '');
    const { version } = await greetRedis(
      { host: url.hostname, port: Number(url.port || 6379), tls, anyCertificate },
      { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
    );
    return version;
  },
};

/**
 * @param {import('./authority.mjs').Certificate} files
 * @param {number | undefined} port
 */
function encrypted({ ca, certificate, key }, port) {
  const files = [`tls-ca-cert-file ${ca}`, `tls-cert-file ${certificate}`, `tls-key-file ${key}`];
  return ['port 0', `tls-port ${port}`, ...files, 'tls-auth-clients no'];
}
