import 'reflect-metadata';
import { expect } from 'chai';
import { TEST_KEYS } from '../../test/support/keyring.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { environmentFaults } from './environment-faults.js';

const SOUND = {
  NODE_ENV: 'test',
  DATABASE_URL: 'postgres://shop:k7Gd2@127.0.0.1/shop',
  RABBITMQ_URL: 'amqp://shop:k7Gd2@127.0.0.1',
  REDIS_URL: 'redis://:k7Gd2@127.0.0.1',
  ENCRYPTION_KEYS: TEST_KEYS,
  PAYMENT_URL: 'http://127.0.0.1:1',
  PAYMENT_API_KEY: 'ours',
  CARRIER_URL: 'http://127.0.0.1:1',
  CARRIER_API_KEY: 'ours',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'shop@shop.example',
};

describe('the environment of a fleet', () => {
  let workers: RegisteredWorker[];
  /** The variables that have faults. */
  const faults = (set: Readonly<Record<string, string>>): string[] =>
    environmentFaults(workers, { ...SOUND, ...set }).map((fault) => fault.split(' ', 1)[0] ?? '');

  before(async () => {
    workers = await loadWorkers(await workerNames());
  });

  it('has no faults when every process would start', () => {
    expect(faults({})).to.deep.equal([]);
    expect(faults({ DATABASE_URL_WEB: SOUND.DATABASE_URL, RABBITMQ_URL_EMAIL: SOUND.RABBITMQ_URL })).to.deep.equal([]);
  });

  for (const [whose, name, wrong] of [
    ['every process', 'LOG_LEVEL', 'loud'],
    ['web', 'RATE_LIMIT_KEY', 'abc'],
    ['web', 'TRUSTED_PROXIES', 'garbage'],
    ['web', 'REQUESTS_LIMIT', 'many'],
    ['web and orders', 'PAYMENT_DEADLINE_S', 'soon'],
    ['web and webhooks', 'WEBHOOKS_ALLOW_INSIDE', 'yes'],
    ['a worker', 'PAYMENT_URL', 'nowhere'],
    ['an actor', 'EMAIL_PREFETCH', '0'],
    ['the role of web', 'DATABASE_URL_WEB', 'nowhere'],
    ['the user of web', 'RABBITMQ_URL_WEB', 'nowhere'],
    ['the role of a worker', 'DATABASE_URL_DEAD_LETTERS', 'nowhere'],
    ['the user of a worker', 'RABBITMQ_URL_RELAY', 'nowhere'],
  ] as const)
    it(`has one fault with a wrong ${name}, of ${whose}`, () => {
      expect(faults({ [name]: wrong })).to.deep.equal([name]);
    });

  it('has a fault where a URL that all share is wrong, though each process has its own', () => {
    const own = workers.map(({ name }) => [
      `DATABASE_URL_${name.toUpperCase().replaceAll('-', '_')}`,
      SOUND.DATABASE_URL,
    ]);
    const set = { ...Object.fromEntries(own), DATABASE_URL_WEB: SOUND.DATABASE_URL, DATABASE_URL: 'nowhere' };
    expect(faults(set)).to.deep.equal(['DATABASE_URL']);
  });

  it('tells once of a URL that is not set, however many processes want it', () => {
    expect(faults({ DATABASE_URL: '', RABBITMQ_URL: '' })).to.deep.equal(['DATABASE_URL', 'RABBITMQ_URL']);
  });
});
