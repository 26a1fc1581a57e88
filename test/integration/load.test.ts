import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { requestsIn } from '../../audit/sources/request-log.js';
import { Deployment } from '../support/deployment.js';

const LOAD = fileURLToPath(new URL('../../scripts/load.js', import.meta.url));
const HEADING = 'InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID,Country\r\n';

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** What `--json` prints. */
  readonly summary: Record<string, unknown>;
}

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, [LOAD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => {
    const last = output.trimEnd().split('\n').at(-1) ?? '';
    return { code, output, errors, summary: last.startsWith('{') ? JSON.parse(last) : {} };
  });
  return { child, ended };
}
const load = (...args: readonly string[]): Promise<Ended> => start(...args).ended;

describe('npm run load', function () {
  this.timeout(90_000);
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-load-'));
    file = join(folder, 'orders.csv');
    await writeFile(
      file,
      [
        HEADING,
        '536365,LOAD-A,WHITE MUG,6,2.55,17850,United Kingdom\r\n',
        '536365,LOAD-A,WHITE MUG,2,2.55,17850,United Kingdom\r\n',
        '536365,LOAD B,RED MUG,1,3.39,17850,United Kingdom\r\n',
        '536366,LOAD-A,WHITE MUG,1,2.10,,France\r\n',
        'C536379,LOAD-A,WHITE MUG,-1,2.55,17850,United Kingdom\r\n',
        '536389,LOAD-C,GREEN MUG,1,1.00,12431,Australia\r\n',
        '536390,LOAD-C,GREEN MUG,4,0,12431,Australia\r\n',
      ].join(''),
    );
  });
  after(() => rm(folder, { recursive: true }));

  describe('against a real fleet', () => {
    let deployment: Deployment;
    before(async () => {
      deployment = await Deployment.start();
    });
    after(() => deployment.stop());
    const ordersOf = async (reference: string) => {
      const { database } = deployment.database;
      const text = 'select status, lines, total_amount as total from orders where reference = $1';
      return (await database.query<{ status: string; lines: unknown[]; total: number }>({ text, values: [reference] }))
        .rows;
    };

    it('ships every order of a file, from stock that it sets up, and accounts for every line', async () => {
      const { code, summary, output } = await load(
        '--orders',
        file,
        '--url',
        deployment.url,
        '--short-share',
        '0',
        '--json',
      );
      expect(code, output).to.equal(0);
      expect(summary).to.deep.include({
        orders: 3,
        placed: 3,
        shipped: 3,
        refused: {},
        cancelled: {},
        unaccounted: [],
      });
      expect(summary['lines']).to.deep.equal({ total: 7, skipped: { cancellation: 1, 'no price': 1 } });
      const [order, ...more] = await ordersOf('536365');
      expect(more).to.deep.equal([]);
      expect(order).to.deep.equal({
        status: 'SHIPPED',
        lines: [
          { sku: 'LOAD-A', quantity: 8, unitPrice: 255 },
          { sku: 'LOAD B', quantity: 1, unitPrice: 339 },
        ],
        total: 8 * 255 + 339,
      });
    });

    it('places nothing twice when it runs twice, and says that all was placed before', async () => {
      const { code, summary } = await load('--orders', file, '--url', deployment.url, '--short-share', '0', '--json');
      expect(code).to.equal(0);
      expect(summary).to.deep.include({ placed: 0, replayed: 3, shipped: 3 });
      expect((await ordersOf('536365')).length).to.equal(1);
    });

    it('runs a file once more under keys of its own, with stock kept short, payments declined and orders cancelled', async () => {
      const again = ['--orders', file, '--url', deployment.url, '--json'];
      const short = await load(...again, '--run', 'short', '--short-share', '1');
      expect(short.code, short.output).to.equal(0);
      expect(short.summary['cancelled']).to.have.property('out-of-stock').that.is.at.least(1);
      const declined = await load(...again, '--run', 'declined', '--short-share', '0', '--declined-share', '1');
      expect(declined.summary).to.deep.include({ placed: 3, shipped: 0, cancelled: { 'payment-declined': 3 } });
      const cancelled = await load(
        ...again,
        '--run',
        'cancelled',
        '--short-share',
        '0',
        '--cancel-share',
        '1',
        '--rate',
        '50',
      );
      const { shipped, cancelled: reasons, cancellations } = cancelled.summary;
      expect(Number(shipped) + ((reasons as Record<string, number>)['customer'] ?? 0)).to.equal(3);
      expect(Object.values(cancellations as Record<string, number>).reduce((sum, count) => sum + count, 0)).to.equal(3);
    });

    it('is told that its key is no good before it changes anything', async () => {
      const { code, errors } = await load('--orders', file, '--url', deployment.url, '--key', 'wk_live_wrong');
      expect(code).to.equal(2);
      expect(errors).to.match(/refuses the key\. Give that of a storefront with --key/);
    });
  });

  describe('against an intake that misbehaves', () => {
    let intake: MisbehavingIntake;
    beforeEach(async () => {
      intake = await MisbehavingIntake.start();
    });
    afterEach(() => intake.close());
    const run = (...args: string[]) => load('--orders', file, '--url', intake.url, '--json', ...args);

    it('notes what became of every request, for the auditor', async () => {
      const tries = new Map<string, number>();
      intake.onOrder = (key, response) => {
        const count = (tries.get(key) ?? 0) + 1;
        tries.set(key, count);
        if (count === 1)
          return void response.writeHead(503, { 'retry-after': '0' }).end('{"code":"intake.overloaded"}');
        if (count === 2) return void response.destroy();
        intake.accept(key, response);
      };
      const log = join(folder, 'requests.ndjson');
      await run('--limit', '1', '--log', log);
      const requests = await requestsIn(log);
      expect(requests.map(({ kind }) => kind)).to.deep.equal(['refused', 'unknown', 'ok']);
      expect(requests.map(({ idempotencyKey }) => idempotencyKey)).to.deep.equal(['536365', '536365', '536365']);
      expect(requests[2]?.orderId).to.equal('order-536365');
    });

    it('comes again when it is told to, and repeats what it got no answer to with the same key', async () => {
      const tries = new Map<string, number>();
      intake.onOrder = (key, response) => {
        const count = (tries.get(key) ?? 0) + 1;
        tries.set(key, count);
        if (count === 1)
          return void response.writeHead(503, { 'retry-after': '0' }).end('{"code":"intake.overloaded"}');
        if (count === 2) return void response.destroy();
        if (count === 3) return void response.writeHead(500).end();
        intake.accept(key, response, { replayed: true });
      };
      const { code, summary } = await run();
      expect(code).to.equal(0);
      expect([...tries]).to.deep.equal([...tries.keys()].map((key) => [key, 4]));
      expect(summary).to.deep.include({ placed: 3, replayed: 0, shipped: 3, repeated: { later: 3, unknown: 6 } });
    });

    it('ends with a failure that names the order that was accepted and is gone', async () => {
      intake.onRead = (orderId, response) => {
        if (orderId !== 'order-536366') return intake.answerShipped(response);
        response.writeHead(404).end('{"code":"order.not-found"}');
      };
      const { code, summary, output } = await run();
      expect(code).to.equal(1);
      expect(summary['unaccounted']).to.deep.equal([
        { invoice: '536366', orderId: 'order-536366', why: 'was accepted, and does not exist' },
      ]);
      expect(output).to.match(/unaccounted for +1/);
    });

    it('ends by itself with a failure when an order never comes to its end', async () => {
      intake.onRead = (_orderId, response) => intake.answerOrder(response, 'CONFIRMED');
      const { code, summary } = await run('--drain-timeout', '1');
      expect(code).to.equal(1);
      expect(summary['unaccounted']).to.have.length(3);
    });

    it('counts a refused order by its reason, and does not fail for it', async () => {
      intake.onOrder = (key, response) => {
        if (key !== '536366') return intake.accept(key, response);
        response.writeHead(422).end('{"code":"order.total-out-of-range"}');
      };
      const { code, summary } = await run();
      expect(code).to.equal(0);
      expect(summary).to.deep.include({ placed: 2, refused: { 'order.total-out-of-range': 1 } });
    });

    it('says what is known so far when it is interrupted', async () => {
      const { child, ended } = start('--orders', file, '--url', intake.url, '--json');
      intake.onRead = (_orderId, response) => {
        child.kill('SIGINT');
        intake.answerOrder(response, 'PAID');
      };
      const { code, summary } = await ended;
      expect(code).to.equal(130);
      expect(summary).to.deep.include({ placed: 3, stopped: true });
    });
  });

  it('says what is missing, and what to do about it', async () => {
    const nobody = 'http://127.0.0.1:9';
    const faults = await Promise.all([
      load(),
      load('--orders', join(folder, 'none.csv')),
      load('--orders', file, '--url', nobody),
      load('--orders', file, '--rate', 'fast'),
    ]);
    expect(faults.map(({ code }) => code)).to.deep.equal([2, 2, 2, 2]);
    const [nothing, noFile, noFleet, badRate] = faults.map(({ errors }) => errors);
    expect(nothing).to.match(/^--orders is not set.*\n.*--help/);
    expect(noFile).to.match(/^There is no file .*none\.csv; give the path of a CSV file\n$/);
    expect(noFleet).to.match(
      /^Nothing answers at http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\)\. Start the fleet with npm start/,
    );
    expect(badRate).to.match(/^--rate must be a whole number from 1 to 100000/);
  });

  it('notices that what answers is not Warren', async () => {
    const stranger = createServer((_request, response) => response.end('<html>hello</html>'));
    const url = await listening(stranger);
    const { code, errors } = await load('--orders', file, '--url', url);
    await closed(stranger);
    expect(code).to.equal(2);
    expect(errors).to.match(/is not a Warren that takes orders/);
  });
});

/** An intake that ships at once whatever it is sent, unless it is told to do otherwise. */
class MisbehavingIntake {
  onOrder = (key: string, response: ServerResponse): void => this.accept(key, response);
  onRead = (_orderId: string, response: ServerResponse): void => this.answerShipped(response);
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(): Promise<MisbehavingIntake> {
    const server = createServer();
    const intake = new MisbehavingIntake(server, await listening(server));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      request.resume().on('end', () => intake.#answer(request, response));
    });
    return intake;
  }

  close(): Promise<void> {
    return closed(this.#server);
  }

  accept(key: string, response: ServerResponse, { replayed = false } = {}): void {
    response.writeHead(202, replayed ? { 'idempotency-replayed': 'true' } : {});
    response.end(JSON.stringify({ orderId: `order-${key}`, status: 'INITIATED', message: '' }));
  }

  answerShipped(response: ServerResponse): void {
    this.answerOrder(response, 'SHIPPED');
  }

  answerOrder(response: ServerResponse, status: string): void {
    const at = new Date().toISOString();
    response.end(JSON.stringify({ status, placedAt: at, timeline: [{ type: 'shipping.order-shipped', at }] }));
  }

  #answer({ method, url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const order = /^\/orders\/(.+)$/.exec(url)?.[1];
    if (url === '/stock?limit=1') response.end('{"items":[]}');
    else if (url.startsWith('/stock/')) response.writeHead(method === 'PUT' ? 200 : 201).end('{}');
    else if (url === '/orders') this.onOrder(String(headers['idempotency-key']), response);
    else if (order !== undefined) this.onRead(order, response);
    else response.writeHead(404).end();
  }
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server that listens has a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closed(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
