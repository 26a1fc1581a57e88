import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { variables } from '../../config/environment.js';
import { readVariables } from '../../config/variable.js';
import { reasonOf } from '../../shared/observability/reason.js';
import { Database } from '../../shared/postgres/database.js';
import { Management } from '../../shared/rabbitmq/management.js';
import { withConnection } from '../../shared/rabbitmq/own-connection.js';
import { redisFacts } from '../../shared/redis/server-facts.js';
import { Authority, type Certificate } from '../support/authority.js';
import { Deployment } from '../support/deployment.js';
import { impostor } from '../support/impostor.js';
import { TEST_KEYS } from '../support/keyring.js';
import { Program } from '../support/program.js';
import { Storefront } from '../support/storefront.js';

const run = promisify(execFile);
const SERVERS = fileURLToPath(new URL('../../../scripts/servers.mjs', import.meta.url));
const HERE = 'DNS:localhost,IP:127.0.0.1';

type Given = Readonly<Record<string, string>>;

/** How each server is reached with an environment, as a process of the fleet is told to; rejects when it is refused. */
const REACHED = {
  DATABASE: async (given: Given): Promise<unknown> => {
    const { databaseUrl, databaseCa, databaseTlsRejectUnauthorized } = variables;
    const { url } = readVariables({ url: databaseUrl, databaseCa, databaseTlsRejectUnauthorized }, given);
    const database = new Database({ url, connections: 1, applicationName: 'warren test' });
    return database.query({ text: 'select 1' }).finally(() => database.close());
  },
  RABBITMQ: async (given: Given): Promise<unknown> => {
    const { urls } = readVariables({ urls: variables.rabbitmqUrls }, given);
    return withConnection(urls, async () => undefined);
  },
  REDIS: async (given: Given): Promise<unknown> => {
    return redisFacts(readVariables({ url: variables.redisUrl }, given).url);
  },
} as const;
type Server = keyof typeof REACHED;
const ALL = Object.keys(REACHED) as Server[];

describe('servers that are reached by TLS only', function () {
  this.timeout(180_000);
  let folder: string;
  let given: Given;
  let authority: Authority;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-tls-'));
    // Under root PostgreSQL runs as another user, who has to pass.
    await chmod(folder, 0o755);
    const { servers: _, ...urls } = JSON.parse(await control('up', '--tls')) as Given & { servers: object };
    given = urls;
    authority = new Authority(folder, join(folder, 'authority', 'ca.pem'));
  });
  after(async () => {
    await control('down');
    await rm(folder, { recursive: true, force: true });
  });

  const control = async (...words: string[]): Promise<string> =>
    (await run(process.execPath, [SERVERS, ...words, '--json', '--dir', folder])).stdout;
  /** Why a server is not reached; undefined when it is. */
  const refusal = (server: Server, changed: Readonly<Record<string, string>> = {}): Promise<string | undefined> =>
    REACHED[server]({ ...given, NODE_ENV: 'test', ...changed }).then(() => undefined, reasonOf);
  /** As if somebody with that certificate had taken the server's place. */
  const refusalOf = async (server: Server, certificate: Certificate | undefined): Promise<string | undefined> => {
    const other = await impostor(
      certificate,
      server === 'DATABASE' ? Buffer.from(certificate === undefined ? 'N' : 'S') : undefined,
    );
    const url = new URL(given[`${server}_URL`] ?? '');
    url.port = String(other.port);
    try {
      const why = await refusal(server, { [`${server}_URL`]: url.href });
      expect(other.heard(), 'what the impostor was told').to.equal('');
      return why;
    } finally {
      other.close();
    }
  };

  it('carry an order to shipped through a fleet that knows the private authority', async () => {
    const deployment = await Deployment.start({ environment: given });
    try {
      const shop = new Storefront(deployment);
      await shop.reached(await shop.place(), 'SHIPPED', 60_000);
      const { rows } = await query<{ ssl: boolean; name: string }>(
        `select ssl, application_name as name from pg_stat_ssl join pg_stat_activity using (pid)
         where backend_type = 'client backend'`,
      );
      expect(rows.map(({ name }) => name)).to.include('warren web');
      expect(rows.every(({ ssl }) => ssl)).to.equal(true);
      expect(deployment.output()).not.to.include('cannot reach Redis');
      // The management API is asked over TLS too, with the same authority.
      const plan = await fetch(`${deployment.url}/operator/topology`, {
        headers: { authorization: 'Bearer dev-operator-key' },
      });
      expect(await plan.json()).to.deep.equal({ differences: [], unseen: [] });
    } finally {
      await deployment.stop();
    }
  });

  const query = <R extends object>(text: string) => {
    const { url } = readVariables({ url: variables.databaseUrl }, { ...given, NODE_ENV: 'test' });
    const database = new Database({ url, connections: 1, applicationName: 'warren test' });
    return database.query<R>({ text }).finally(() => database.close());
  };

  it('take the authority as PEM text in a variable, with line breaks as they are or written out', async () => {
    const pem = await readFile(authority.path, 'utf8');
    for (const server of ALL) {
      for (const text of [pem, pem.replaceAll('\n', '\\n')])
        expect(await refusal(server, { [`${server}_CA`]: text }), server).to.equal(undefined);
    }
  });

  for (const server of ALL) {
    it(`are not reached without TLS (${server})`, async () => {
      const plain = (given[`${server}_URL`] ?? '').replace(/^(amqp|redis)s/, '$1').replace('verify-full', 'disable');
      expect(await refusal(server, { [`${server}_URL`]: plain })).not.to.equal(undefined);
    });

    it(`are refused when nobody vouches for their authority, and what to set is said (${server})`, async () => {
      expect(await refusal(server, { [`${server}_CA`]: '' })).to.include(
        `of an authority that is not known here; give that authority's by ${server}_CA`,
      );
    });

    it(`are refused with a certificate of another authority (${server})`, async () => {
      const foreign = await Authority.make(folder, `foreign-${server}`);
      expect(await refusalOf(server, await foreign.issue(HERE))).to.include(`${server}_CA`);
    });

    it(`are refused with a certificate for another host (${server})`, async () => {
      expect(await refusalOf(server, await authority.issue('DNS:other.example'))).to.include(
        `the certificate is of another host; name the host in ${server}_URL as the certificate does`,
      );
    });

    it(`are refused with a certificate that has ended (${server})`, async () => {
      expect(await refusalOf(server, await authority.issue(HERE, -1))).to.include('renew it at the server');
    });

    it(`are refused when they speak no TLS where it is wanted (${server})`, async () => {
      expect(await refusalOf(server, undefined)).to.include('does not speak TLS at this port');
    });

    it(`are reached unverified only when that is said aloud (${server})`, async () => {
      const foreign = await Authority.make(folder, `unverified-${server}`);
      expect(await refusalOf(server, await foreign.issue(HERE))).not.to.equal(undefined);
      const aloud = { [`${server}_CA`]: '', [`${server}_TLS_REJECT_UNAUTHORIZED`]: '0' };
      expect(await refusal(server, aloud)).to.equal(undefined);
    });
  }

  it('are warned of by whatever asks them without verifying them', async () => {
    const aloud = {
      ...given,
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(
        ALL.flatMap((server) => [
          [`${server}_CA`, ''],
          [`${server}_TLS_REJECT_UNAUTHORIZED`, '0'],
        ]),
      ),
      ENCRYPTION_KEYS: TEST_KEYS,
    };
    const printed = async (file: string, args: readonly string[]): Promise<string> => {
      const program = new Program(`scripts/${file}.js`, args, aloud);
      await program.ended();
      return program.output;
    };
    const release = await printed('release', []);
    expect(release).to.include('PostgreSQL may be anybody').and.to.include('RabbitMQ may be anybody');
    for (const [file, ...args] of [
      ['operator', 'revoke', 'nobody'],
      ['storefront', 'add', 'Unverified'],
      ['encryption', 'status'],
      ['audit', '--wait', '0', '--without', 'provider,broker,mail'],
    ] as const)
      expect(await printed(file, args), file).to.include('warning: PostgreSQL may be anybody');
  });

  it('tell why the management API is not reached', async () => {
    const why = await new Management(given['RABBITMQ_MANAGEMENT_URL'] ?? '')
      .call('GET', '/api/whoami')
      .then(() => undefined, reasonOf);
    expect(why).to.include('RABBITMQ_CA');
  });
});
