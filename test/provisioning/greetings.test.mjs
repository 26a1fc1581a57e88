import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { postgres } from '../../scripts/provision/postgres.mjs';
import { rabbitmq } from '../../scripts/provision/rabbitmq.mjs';
import { redis } from '../../scripts/provision/redis.mjs';

const CLOSED = 'closed';
/** connection.start of RabbitMQ 4.1.0, cut down to the table's one field that is read. */
const START = Buffer.concat([
  Buffer.from([1, 0, 0, 0, 0, 0, 27]),
  Buffer.from([0, 10, 0, 10, 0, 9, 0, 0, 0, 17]),
  Buffer.from('\x07versionS\0\0\0\x054.1.0', 'latin1'),
  Buffer.from([0, 0, 0, 0xce]),
]);
const INFO = 'redis_version:7.0.15\r\nprocess_id:7\r\n';

describe('a server that is greeted', () => {
  /** @type {import('node:net').Server} */
  let server;
  afterEach(() => server.close());

  /**
   * Something that says this to whoever speaks to it.
   * @param {string | Buffer} answer
   */
  async function listen(answer) {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => (answer === CLOSED ? socket.end() : socket.write(answer)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return `127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`;
  }

  /** @param {Promise<unknown>} greeting */
  const refusal = (greeting) =>
    greeting.then(
      () => 'accepted',
      (error) => error.message,
    );

  it('tells its version, if it is RabbitMQ', async () => {
    expect(await rabbitmq.greet(new URL(`amqp://${await listen(START)}`))).to.equal('4.1.0');
  });

  it('tells its version, if it is Redis or Valkey', async () => {
    expect(await redis.greet(new URL(`redis://:x@${await listen(`+OK\r\n$${INFO.length}\r\n${INFO}\r\n`)}`))).to.equal(
      '7.0.15',
    );
  });

  it('is PostgreSQL if it asks for a password, or refuses as PostgreSQL does', async () => {
    await postgres.greet(new URL(`postgres://u@${await listen(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))}/d`));
    server.close();
    await postgres.greet(new URL(`postgres://u@${await listen(postgresError('28000', 'no entry'))}/d`));
  });

  it('is not ready while PostgreSQL is starting up', async () => {
    const starting = await listen(postgresError('57P03', 'the database system is starting up'));
    expect(await refusal(postgres.greet(new URL(`postgres://u@${starting}/d`)))).to.contain('starting up');
  });

  it('is not taken for Redis when it refuses our password', async () => {
    const foreign = await listen('-WRONGPASS invalid username-password pair\r\n');
    expect(await refusal(redis.greet(new URL(`redis://:x@${foreign}`)))).to.contain('WRONGPASS');
  });

  for (const [what, answer] of [
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['hangs up', CLOSED],
  ]) {
    it(`is none of the three when it ${what}`, async () => {
      const other = await listen(answer ?? '');
      expect(await refusal(postgres.greet(new URL(`postgres://u@${other}/d`)))).to.match(/not PostgreSQL|closed/);
      expect(await refusal(rabbitmq.greet(new URL(`amqp://${other}`)))).to.match(/not speak AMQP|closed/);
      expect(await refusal(redis.greet(new URL(`redis://${other}`)))).to.match(/not Redis|closed/);
    });
  }
});

/**
 * @param {string} code
 * @param {string} message
 */
function postgresError(code, message) {
  const fields = Buffer.from(`SFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
