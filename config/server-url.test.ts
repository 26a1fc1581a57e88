import { rootCertificates } from 'node:tls';
import { expect } from 'chai';
import { variables, variablesOf, warningsOf } from './environment.js';
import { isPrivateHost } from './private-host.js';
import { EnvironmentFaults, readVariables, type Source, type Variables } from './variable.js';
import { webVariables } from './web-variables.js';

const SERVERS = { database: variables.databaseUrl, broker: variables.rabbitmqUrls, redis: variables.redisUrl };
const { nodeEnv, databaseUrl, rabbitmqUrls, redisUrl } = variables;
const { rabbitmqTopologyUrls, rabbitmqManagementUrl } = webVariables;
const REACHED = { nodeEnv, databaseUrl, rabbitmqUrls, rabbitmqTopologyUrls, rabbitmqManagementUrl, redisUrl };
const SAFE = {
  DATABASE_URL: 'postgres://shop:k7Gd2@127.0.0.1/shop',
  RABBITMQ_URL: 'amqp://shop:k7Gd2@127.0.0.1',
  REDIS_URL: 'redis://:k7Gd2@127.0.0.1',
};

const faultsOf = (source: Source, asked: Variables = SERVERS): readonly string[] => {
  try {
    readVariables(asked, source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentFaults) return error.faults;
    throw error;
  }
};

describe('URLs of servers', () => {
  it('are refused in production with a password that everybody knows, all of them at once, and the password is not repeated', () => {
    const known = {
      DATABASE_URL: 'postgres://postgres:postgres@db.example/shop',
      RABBITMQ_URL: 'amqps://shop:k7Gd2@one.example,amqps://guest:guest@two.example',
      REDIS_URL: 'rediss://:ChangeMe@cache.example',
    };
    const faults = faultsOf(known);
    expect(faults.map((fault) => fault.split(' ', 1)[0])).to.deep.equal(Object.keys(known));
    for (const fault of faults)
      expect(fault)
        .to.include('set your own at the server')
        .and.not.to.match(/guest|changeme/i);
    expect(faultsOf({ ...known, NODE_ENV: 'development' })).to.deep.equal([]);
    expect(faultsOf(SAFE)).to.deep.equal([]);
  });

  it('do without a verified certificate only when a variable says so', () => {
    const silent = { ...SAFE, DATABASE_URL: 'postgres://shop:k7Gd2@db.example/shop?sslmode=no-verify' };
    expect(faultsOf(silent).join()).to.include('DATABASE_CA').and.to.include('DATABASE_TLS_REJECT_UNAUTHORIZED=0');
    expect(faultsOf({ ...silent, DATABASE_TLS_REJECT_UNAUTHORIZED: '0' })).to.deep.equal([]);
    const broker = { ...SAFE, RABBITMQ_URL: 'amqps://shop:k7Gd2@mq.example?verify=verify_none' };
    expect(faultsOf(broker).join()).to.include('RABBITMQ_TLS_REJECT_UNAUTHORIZED=0');
  });

  it('are refused without TLS where an authority is given: nothing would be verified by it', () => {
    const shop = { broker: variables.rabbitmqUrls, redis: variables.redisUrl, database: variables.databaseUrl };
    const ca = rootCertificates[0] ?? '';
    for (const [name, source] of [
      ['RABBITMQ_CA', { RABBITMQ_URL: 'amqp://shop:k7Gd2@mq.example' }],
      ['REDIS_CA', { REDIS_URL: 'redis://:k7Gd2@cache.example' }],
      ['DATABASE_CA', { DATABASE_URL: 'postgres://shop:k7Gd2@db.example/shop?sslmode=disable' }],
    ] as const) {
      expect(faultsOf({ ...SAFE, ...source, [name]: ca }, shop).join())
        .to.include('without TLS')
        .and.to.include(name);
      expect(faultsOf({ ...SAFE, ...source }, shop)).to.deep.equal([]);
    }
    expect(faultsOf({ ...SAFE, DATABASE_CA: ca }, shop), 'TLS follows from it').to.deep.equal([]);
  });

  it('may be without TLS where an authority is given for another of them', () => {
    const RABBITMQ_CA = rootCertificates[0] ?? '';
    const asked = { rabbitmqUrls, rabbitmqManagementUrl };
    const mixed = {
      RABBITMQ_CA,
      RABBITMQ_URL: 'amqps://shop:k7Gd2@mq.example',
      RABBITMQ_MANAGEMENT_URL: 'http://shop:k7Gd2@127.0.0.1:15672',
    };
    expect(faultsOf(mixed, asked)).to.deep.equal([]);
    const { rabbitmqUrls: [broker = ''] = [], rabbitmqManagementUrl: api } = readVariables(asked, mixed);
    expect(broker).to.include('cacertfile');
    expect(api).to.equal(mixed.RABBITMQ_MANAGEMENT_URL);
    expect(faultsOf({ ...mixed, RABBITMQ_URL: 'amqp://shop:k7Gd2@mq.example' }, asked)).to.have.length(2);
    const own = { RABBITMQ_CA, RABBITMQ_URL: 'amqp://shop:k7Gd2@mq.example', RABBITMQ_URL_EMAIL: mixed.RABBITMQ_URL };
    expect(faultsOf(own, { rabbitmqUrls })).to.deep.equal([]);
  });

  it('name a variable that holds no certificate', () => {
    const faults = faultsOf(
      { ...SAFE, RABBITMQ_CA: '/no/such/file' },
      { broker: variables.rabbitmqUrls, ca: variables.rabbitmqCa },
    );
    expect(faults.join('\n')).to.include('RABBITMQ_CA must be certificates as PEM text, or the path of a file');
  });

  it('are warned of at every start: plain over a public network in production, and certificates that nobody verifies', () => {
    const warnings = (source: Source): string[] =>
      warningsOf(readVariables(REACHED, { RABBITMQ_MANAGEMENT_URL: 'http://u:k7Gd2@10.1.2.3:15672', ...source }));
    expect(warnings(SAFE)).to.deep.equal([]);
    const open = { ...SAFE, RABBITMQ_URL: 'amqp://shop:k7Gd2@mq.example.com' };
    expect(warnings(open)).to.have.length(1);
    expect(warnings(open).join()).to.include('RabbitMQ is reached at mq.example.com by amqp:// without TLS');
    expect(warnings({ ...open, NODE_ENV: 'development' })).to.deep.equal([]);
    expect(warnings({ ...open, RABBITMQ_TOPOLOGY_URL: 'amqp://all:k7Gd2@mq.example.com' })).to.have.length(2);
    const anybody = { ...SAFE, REDIS_URL: 'rediss://:k7Gd2@cache.example.com', REDIS_TLS_REJECT_UNAUTHORIZED: '0' };
    for (const NODE_ENV of ['production', 'development'])
      expect(warnings({ ...anybody, NODE_ENV }).join()).to.include('Redis may be anybody');
  });

  it('are taken from a process’ own variables first', () => {
    const { databaseUrl, rabbitmqUrls } = variablesOf('dead-letters');
    const read = readVariables(
      { databaseUrl, rabbitmqUrls },
      { ...SAFE, DATABASE_URL_DEAD_LETTERS: 'postgres://letters:x9@127.0.0.1/shop' },
    );
    expect(read.databaseUrl).to.include('letters');
    expect(read.rabbitmqUrls).to.deep.equal([SAFE.RABBITMQ_URL]);
  });
});

describe('a private host', () => {
  it('is of this machine or its network, by address or name', () => {
    const own = ['127.0.0.1', '[::1]', '10.9.8.7', '172.31.0.1', '192.168.1.1', '[fd00::1]', 'rabbitmq', 'db.internal'];
    for (const host of own) expect(isPrivateHost(host), host).to.equal(true);
    for (const host of ['8.8.8.8', '172.32.0.1', '[2001:db8::1]', 'db.example.com', 'internal.example'])
      expect(isPrivateHost(host), host).to.equal(false);
  });
});
