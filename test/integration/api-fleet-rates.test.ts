import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';
import { WebProcess } from '../support/web-process.js';

const QUOTA = 120;
const REDIS_PORT = 6379;
/** Of Redis, and of these tests alone: whoever else settles there counts as a process of the fleet. */
const OWN_DATABASE = '/8';

describe('the rates of two processes of web', function () {
  this.timeout(60_000);
  let store: TestDatabase;
  let redis: CuttableProxy;
  let webs: readonly [WebProcess, WebProcess];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
    redis = await CuttableProxy.start(needed('REDIS_URL'), REDIS_PORT);
    const own = new URL(redis.inFrontOf(needed('REDIS_URL')));
    own.pathname = OWN_DATABASE;
    const start = () =>
      new WebProcess({
        DATABASE_URL: store.url,
        REDIS_URL: own.href,
        RATE_LIMIT_KEY: String(QUOTA),
      });
    webs = [start(), start()];
    await Promise.all(webs.map((web) => web.url()));
  });
  afterEach(async () => {
    await Promise.all(webs.map((web) => web.kill()));
    await redis.close();
  });

  const newKey = async (): Promise<string> => (await createStorefront(store.database, 'Shop')).key;
  const ask = async (web: WebProcess, key: string): Promise<number> => {
    const response = await fetch(`${await web.url()}/stock`, { headers: { authorization: `Bearer ${key}` } });
    await response.arrayBuffer();
    return response.status;
  };
  /** Asks until it is refused; how often it was let in. */
  const exhaust = async (web: WebProcess, key: string): Promise<number> => {
    for (let letIn = 0; ; letIn++) {
      const status = await ask(web, key);
      if (status === 429) return letIn;
      expect(status).to.equal(200);
    }
  };
  /** How many processes it settles with, itself included. */
  const settling = async (web: WebProcess): Promise<number> => {
    const metrics = await (await fetch(`${await web.url()}/metrics`)).text();
    return Number(/^warren_rate_processes (\d+)$/m.exec(metrics)?.[1]);
  };
  /** Both have settled lately, and those of the test before are forgotten. */
  const acquainted = async (key: string): Promise<void> => {
    await until(
      'both settle through Redis',
      async () => {
        await Promise.all(webs.map((web) => ask(web, key)));
        return (await settling(webs[0])) === 2 && (await settling(webs[1])) === 2;
      },
      40_000,
    );
  };

  it('are one: what one has given out, the other does not give out again', async () => {
    const [one, other] = webs;
    await acquainted(await newKey());
    const key = await newKey();
    const begunMs = performance.now();
    await exhaust(one, key);
    await until('the other has heard of it', async () => (await ask(other, key)) === 429);
    let letIn = 0;
    for (let at = 0; at < 20; at++) if ((await ask(at % 2 === 0 ? one : other, key)) === 200) letIn += 1;
    const cameBack = ((performance.now() - begunMs) / 60_000) * QUOTA;
    // What both gave out before they had told each other is owed.
    expect(letIn).to.be.at.most(Math.ceil(cameBack));
  });

  it('are shared out while Redis is away: nobody is refused for that, each gives out its part; and one again when it is back', async () => {
    await acquainted(await newKey());
    redis.cut();
    const probe = await newKey();
    await until('both notice', async () => {
      expect(await Promise.all(webs.map((web) => ask(web, probe)))).to.deep.equal([200, 200]);
      return (await settling(webs[0])) === 0 && (await settling(webs[1])) === 0;
    });
    const key = await newKey();
    for (const web of webs) {
      const begunMs = performance.now();
      const letIn = await exhaust(web, key);
      const cameBack = ((performance.now() - begunMs) / 60_000) * (QUOTA / 2);
      expect(letIn).to.be.within(QUOTA / 2, QUOTA / 2 + Math.ceil(cameBack));
    }
    redis.mend();
    await acquainted(await newKey());
  });
});
