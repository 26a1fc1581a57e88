import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect } from 'chai';
import { untilReady } from '../../scripts/fleet/ready.mjs';
import { restartDelayMs, supervise } from '../../scripts/fleet/supervise.mjs';
import { isAlive } from '../../scripts/provision/process-identity.mjs';
import { until } from './until.mjs';

describe('a supervised process', () => {
  /** @type {string[]} */
  let lines;
  /** @type {string[]} */
  let events;
  /** @type {import('../../scripts/fleet/supervise.mjs').Supervised} */
  let supervised;

  /** @param {string} program */
  function start(program, readyUrl = 'http://127.0.0.1:1/readyz') {
    lines = [];
    events = [];
    supervised = supervise(
      { name: 'payment', command: ['node', '-e', program], env: process.env, cwd: '/', address: '', readyUrl },
      { onLine: (line) => lines.push(line), onEvent: (text) => events.push(text) },
    );
  }

  afterEach(() => supervised.kill());

  it('is started again when it dies, and that is said', async () => {
    start('console.log("here"); setTimeout(() => process.exit(7), 50)');
    await until(() => lines.length >= 2);
    expect(events[0]).to.equal('payment ended with code 7; starting it again in 1 s');
  });

  it('is started again ever more slowly', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 50].map(restartDelayMs)).to.deep.equal([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is asked by SIGTERM to stop, and not started again', async () => {
    start(
      'process.on("SIGTERM", () => { console.log("stopping"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)',
    );
    await until(() => lines.includes('up'));
    await supervised.stop(5_000);
    expect(lines).to.include('stopping');
    expect(supervised.identity()).to.equal(undefined);
    expect(events).to.deep.equal([]);
  });

  it('is killed when it takes longer than it may', async () => {
    start('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)');
    await until(() => lines.includes('up'));
    const identity = supervised.identity();
    await supervised.stop(100);
    expect(isAlive(identity)).to.equal(false);
    expect(events).to.deep.equal(['payment did not stop within 0.1 s; killing it']);
  });

  it('keeps the last line it wrote, whole, also without an end of line', async () => {
    start('process.stdout.write("a\\nb"); setTimeout(() => {}, 20)');
    await until(() => lines.length >= 2);
    expect(lines.slice(0, 2)).to.deep.equal(['a', 'b']);
  });

  it('that dies again and again before it is ready is given up, with what it said last', async () => {
    start('console.error("DATABASE_URL is missing"); process.exit(1)');
    const signal = AbortSignal.timeout(15_000);
    const failure = await untilReady(supervised, { withinMs: 15_000, signal }).catch((error) => error);
    expect(failure.message).to.equal('payment ended 3 times before it was ready');
    expect(failure.why).to.contain('DATABASE_URL is missing');
  });

  it('is ready when it says so, and not before', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      response.statusCode = ++asked < 3 ? 503 : 200;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    start('setInterval(() => {}, 1000)', `http://127.0.0.1:${port}/readyz`);
    await untilReady(supervised, { withinMs: 5_000, signal: AbortSignal.timeout(5_000) });
    server.close();
    expect(asked).to.equal(3);
  });
});
