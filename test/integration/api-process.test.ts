import { expect } from 'chai';
import { revokeOperator } from '../../api/operators/operator.js';
import { revokeKey } from '../../api/storefronts/stored-keys.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { DEVELOPMENT } from '../../config/environment.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { TEST_KEYS } from '../support/keyring.js';
import { needed } from '../support/needed.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { Program } from '../support/program.js';
import { ServerSentEvents } from '../support/server-sent-events.js';
import { until } from '../support/until.js';

describe('the process web', () => {
  let store: TestDatabase;
  const programs: Program[] = [];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(() => emptyTables(store.database));
  afterEach(async () => {
    for (const program of programs.splice(0)) {
      program.signal('SIGKILL');
      await program.ended();
    }
  });

  const run = (file: string, args: readonly string[] = [], environment: Record<string, string> = {}): Program => {
    const program = new Program(file, args, {
      NODE_ENV: 'development',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
      HOST: '127.0.0.1',
      PORT: '0',
      DATABASE_URL: store.url,
      RABBITMQ_URL: 'amqp://127.0.0.1:1',
      REDIS_URL: needed('REDIS_URL'),
      ENCRYPTION_KEYS: TEST_KEYS,
      ...environment,
    });
    programs.push(program);
    return program;
  };
  const urlOf = (web: Program): Promise<string> =>
    until('it listens', () => /"url":"([^"]+)","port"/.exec(web.output)?.[1]);
  const headers = { authorization: `Bearer ${DEVELOPMENT.storefrontKey}`, 'content-type': 'application/json' };

  const stockAt = async (url: string, key: string): Promise<number> =>
    (await fetch(`${url}/stock`, { headers: { authorization: `Bearer ${key}` } })).status;

  it('refuses to start in production where the operator’s key that everybody knows is stored, and says what to do', async () => {
    expect(await run('scripts/sample-catalogue.js').ended()).to.equal(0);
    const web = run('api/start.js', [], { NODE_ENV: 'production' });
    expect(await web.ended()).to.equal(1);
    expect(web.output).to.contain(DEVELOPMENT.operatorKey).and.contain('operator.js add operator NAME');
    expect(await revokeOperator(store.database, 'Development')).to.equal(true);
    await urlOf(run('api/start.js', [], { NODE_ENV: 'production' }));
  });

  it('lets the keys that everybody knows in nowhere in production, also when they are stored later', async () => {
    const url = await urlOf(run('api/start.js', [], { NODE_ENV: 'production' }));
    expect(await run('scripts/sample-catalogue.js').ended()).to.equal(0);
    expect((await fetch(`${url}/stock`, { headers })).status).to.equal(401);
    const operator = { authorization: `Bearer ${DEVELOPMENT.operatorKey}` };
    expect((await fetch(`${url}/operator/me`, { headers: operator })).status).to.equal(401);
  });

  it('lets the keys of its environment in: in production live ones, elsewhere those for tests too', async () => {
    const live = await createStorefront(store.database, 'Shop');
    const test = await createStorefront(store.database, 'Shop', 'test');
    for (const [NODE_ENV, status] of [
      ['production', 401],
      ['development', 200],
    ] as const) {
      const url = await urlOf(run('api/start.js', [], { NODE_ENV }));
      expect([await stockAt(url, live.key), await stockAt(url, test.key)], NODE_ENV).to.deep.equal([200, status]);
    }
  });

  it('knows within five seconds in every process that a key was revoked, or its storefront disabled', async () => {
    const webs = [run('api/start.js'), run('api/start.js')];
    const urls = await Promise.all(webs.map(urlOf));
    const [one, other] = [
      await createStorefront(store.database, 'One'),
      await createStorefront(store.database, 'Other'),
    ];
    const statuses = (): Promise<number[]> =>
      Promise.all(urls.flatMap((url) => [stockAt(url, one.key), stockAt(url, other.key)]));
    expect(await statuses()).to.deep.equal([200, 200, 200, 200]);
    await revokeKey(store.database, one.keyId);
    await store.database.query({ text: 'update storefronts set revoked_at = now() where id = $1', values: [other.id] });
    await until('no process lets them in', async () => (await statuses()).every((status) => status === 401), 5000);
  });

  it('starts while PostgreSQL and the broker are away, alive and not ready', async () => {
    const url = await urlOf(
      run('api/start.js', [], { NODE_ENV: 'production', DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }),
    );
    expect((await fetch(`${url}/healthz`)).status).to.equal(200);
    expect((await fetch(`${url}/readyz`)).status).to.equal(503);
    const asked = await fetch(`${url}/stock`, { headers: { authorization: 'Bearer some-key' } });
    expect([asked.status, asked.headers.get('retry-after')]).to.deep.equal([503, '2']);
  });

  it('is ready, and says that it is degraded, while only the broker is away', async () => {
    const url = await urlOf(run('api/start.js'));
    const response = await fetch(`${url}/readyz`);
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.include({ status: 'degraded', ready: true });
  });

  it('goes on for a moment when it is told to stop, not ready and closing each connection, for what is on its way', async () => {
    await run('scripts/sample-catalogue.js').ended();
    const web = run('api/start.js');
    const url = await urlOf(web);
    web.signal('SIGTERM');
    await until('it is stopping', () => web.output.includes('"stopping"'));
    const ready = await fetch(`${url}/readyz`);
    expect([ready.status, ready.headers.get('connection')]).to.deep.equal([503, 'close']);
    expect((await fetch(`${url}/stock`, { headers })).status).to.equal(200);
    expect(await web.ended()).to.equal(0);
  });

  it('stops at SIGTERM: streams end, what was begun is answered, and the code is 0', async () => {
    await run('scripts/sample-catalogue.js').ended();
    await stockCatalogue(store.database);
    const web = run('api/start.js');
    const url = await urlOf(web);
    const place = async (key: string) => {
      const response = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { ...headers, 'idempotency-key': key },
        body: JSON.stringify(orderBody),
      });
      return { status: response.status, body: (await response.json()) as { orderId: string } };
    };
    const { orderId } = (await place('first')).body;
    const stream = new ServerSentEvents(
      await fetch(`${url}/orders/${orderId}/events`, { headers: { ...headers, accept: 'text/event-stream' } }),
    );
    await stream.next('orders.order-placed');
    // The row of the key is locked, so the request is under way until the lock is given back.
    let begun: ReturnType<typeof place> | undefined;
    await store.database.transaction(async (transaction) => {
      await transaction.query({ text: 'lock table idempotency_keys in exclusive mode' });
      begun = place('second');
      await until('it waits for the lock', async () => {
        const { rowCount } = await transaction.query({
          text: "select 1 from pg_locks where not granted and locktype = 'relation'",
        });
        return rowCount > 0;
      });
      web.signal('SIGTERM');
      await stream.ended();
    });
    expect((await begun)?.status).to.equal(202);
    expect(await web.ended()).to.equal(0);
  });

  it('writes neither payment tokens nor keys to its log', async () => {
    const { key } = await createStorefront(store.database, 'Shop');
    await stockCatalogue(store.database);
    const web = run('api/start.js', [], { LOG_LEVEL: 'trace' });
    const url = await urlOf(web);
    for (const body of [
      orderBody,
      { ...orderBody, paymentToken: `${orderBody.paymentToken}\n` },
      { ...orderBody, x: 1 },
    ]) {
      await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'one' },
        body: JSON.stringify(body),
      });
    }
    await until('all are logged', () => web.output.includes('order placed') && web.output.split('refused').length > 2);
    expect(web.output).not.to.contain(orderBody.paymentToken).and.not.to.contain(key);
  });
});

describe('the operator script', () => {
  it('makes an operator whose key is stored nowhere, and revokes it', async () => {
    const store = await createDatabase();
    try {
      const run = async (...args: string[]) => {
        const script = new Program('scripts/operator.js', args, { DATABASE_URL: store.url });
        return { code: await script.ended(), output: script.output };
      };
      const made = await run('add', 'viewer', 'Ada', 'L.');
      expect([made.code, /wo_live_[\w-]{32}/.test(made.output)]).to.deep.equal([0, true]);
      expect((await run('add', 'operator', 'Ada', 'L.')).code).to.equal(1);
      expect((await run('add', 'king', 'Ada')).code).to.equal(2);
      expect((await run('revoke', 'Ada', 'L.')).code).to.equal(0);
      expect((await run('revoke', 'Ada', 'L.')).code).to.equal(1);
    } finally {
      await store.close();
    }
  });
});

describe('the storefront script', () => {
  it('makes a storefront whose key opens the intake and is stored nowhere', async () => {
    const store = await createDatabase();
    try {
      const script = new Program('scripts/storefront.js', ['add', 'Shop', 'One'], {
        DATABASE_URL: store.url,
        NODE_ENV: 'production',
      });
      expect(await script.ended()).to.equal(0);
      const [key = '', secret = ''] = /wk_live_[0-9a-f]{12}_([\w-]{32})\n/.exec(script.output) ?? [];
      expect(key).not.to.equal('');
      const { rows } = await store.database.query<{ row: string; name: string }>({
        text: `select storefronts.name, storefronts::text || api_keys::text as row
               from storefronts join api_keys on storefront_id = storefronts.id`,
      });
      expect(rows.map(({ name }) => name)).to.deep.equal(['Shop One']);
      expect(rows[0]?.row).not.to.contain(secret);
    } finally {
      await store.close();
    }
  });
});

describe('the sample catalogue', () => {
  let store: TestDatabase;
  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(() => emptyTables(store.database));
  const load = async (environment: string) => {
    const script = new Program('scripts/sample-catalogue.js', [], { DATABASE_URL: store.url, NODE_ENV: environment });
    return { code: await script.ended(), output: script.output };
  };
  const counts = async () => {
    const { rows } = await store.database.query({
      text: `select (select count(*) from storefronts) as storefronts, (select count(*) from products) as products,
               (select sum(on_hand) from stock_levels) as pieces, (select count(*) from stock_movements) as movements`,
    });
    return rows[0];
  };

  it('loads twice what it loads once', async () => {
    await load('development');
    const once = await counts();
    expect(once).to.include({ storefronts: 1, products: 24, movements: 24 });
    expect((await load('development')).code).to.equal(0);
    expect(await counts()).to.deep.equal(once);
  });

  it('refuses production', async () => {
    const { code, output } = await load('production');
    expect(code).to.equal(1);
    expect(output).to.contain('NODE_ENV=production');
    expect(await counts()).to.include({ storefronts: 0, products: 0 });
  });
});
