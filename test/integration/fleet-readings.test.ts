import 'reflect-metadata';
import { expect } from 'chai';
import { register } from 'prom-client';
import { v7 } from 'uuid';
import { Database } from '../../shared/postgres/database.js';
import { countStanding } from '../../shared/postgres/dead-letter-list.js';
import { measureLag } from '../../shared/postgres/lag.js';
import { takeOrderEnds } from '../../shared/postgres/order-ends.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { createBroker, manage, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const MINUTE_MS = 60_000;
const BAKER = { actor: 'baker', types: ['mill.flour-ground', 'mill.grain-sold'] };
const DRIVER = { actor: 'driver', types: ['bakery.bread-baked'] };

describe('the readings of the fleet', () => {
  let database: TestDatabase;

  const run = (text: string, values: readonly unknown[] = []) => database.database.query({ text, values });
  /** The id of a message of so long ago. */
  const idOf = (agoMs: number): string => v7({ msecs: Date.now() - agoMs });
  const log = async (type: string, agoMs: number, orderId = v7()): Promise<string> => {
    const id = idOf(agoMs);
    await run(
      `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
       values ($1, $2, 1, $3, 'test', now(), '{}')`,
      [id, type, orderId],
    );
    return id;
  };
  const handle = (actor: string, id: string) =>
    run('insert into inbox (actor, message_id) values ($1, $2)', [actor, id]);
  const file = (actor: string, id: string, status: string) =>
    run(
      `insert into dead_letters (id, actor, message_id, body, headers, road, error_code, error_message, attempts, fingerprint, status)
       values ($1, $2, $3, '', '{}', 'runtime', 'test', 'test', 1, 'test', $4)`,
      [v7(), actor, id, status],
    );
  /** So many of the baker, a millisecond from one to the next. */
  const handled = (messages: number, minutesAgo: number) =>
    run(
      `with made as (
         insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
         select uuid_v7_floor(now() - $2 * interval '1 minute' + n * interval '1 millisecond'),
                'mill.flour-ground', 1, gen_random_uuid(), 'test', now(), '{}' from generate_series(1, $1::integer) as n
         returning id
       ) insert into inbox (actor, message_id) select 'baker', id from made`,
      [messages, minutesAgo],
    );
  const position = async (actor: string): Promise<string | undefined> => {
    const { rows } = await database.database.query<{ position: string }>({
      text: `select position from measured_positions where name = 'lag ' || $1`,
      values: [actor],
    });
    return rows[0]?.position;
  };
  /** In minutes, by actor. */
  const lags = async (...actors: { actor: string; types: string[] }[]): Promise<Record<string, number>> => {
    const measured = await measureLag(database.database, actors);
    return Object.fromEntries(measured.map(({ actor, lagMs }) => [actor, Math.round(lagMs / MINUTE_MS)]));
  };

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.close());
  beforeEach(() => emptyTables(database.database));

  it('tell the age of the oldest message that an actor has not handled, though nobody consumes', async () => {
    const first = await log('mill.flour-ground', 9 * MINUTE_MS);
    const second = await log('mill.grain-sold', 5 * MINUTE_MS);
    await log('mill.closed', 20 * MINUTE_MS);
    await log('bakery.bread-baked', 3 * MINUTE_MS);
    expect(await lags(BAKER, DRIVER)).to.deep.equal({ baker: 9, driver: 3 });
    await handle('baker', first);
    await handle('driver', second);
    expect(await lags(BAKER, DRIVER)).to.deep.equal({ baker: 5, driver: 3 });
    await handle('baker', second);
    expect(await lags(BAKER, DRIVER)).to.deep.equal({ baker: 0, driver: 3 });
  });

  it('find one message that waits among thousands that are handled, and go on from there', async () => {
    const stuck = await log('mill.flour-ground', 12 * MINUTE_MS);
    await handled(12_000, 11);
    const waiting = await log('mill.flour-ground', 4 * MINUTE_MS);
    expect(await lags(BAKER)).to.deep.equal({ baker: 12 });
    await handle('baker', stuck);
    expect(await lags(BAKER)).to.deep.equal({ baker: 4 });
    await until('the position is there', async () => {
      await lags(BAKER);
      return (await position('baker')) === waiting;
    });
  });

  it('tell from when on messages wait also where more was handled than a look gets through', async () => {
    await run(`insert into measured_positions values ('lag baker', uuid_v7_floor(now() - interval '60 minutes'))`);
    await handled(80_000, 60);
    await log('mill.flour-ground', 8 * MINUTE_MS);
    for (let minute = 7; minute > 0; minute--) await log('mill.grain-sold', minute * MINUTE_MS);
    expect(await lags(BAKER)).to.deep.equal({ baker: 8 });
  });

  it('count what is a dead letter as waiting only until it is filed, and again once it is redriven in vain', async () => {
    for (const status of ['open', 'held', 'redriving', 'discarded', 'replaced']) {
      await file('baker', await log('mill.flour-ground', 7 * MINUTE_MS), status);
    }
    expect(await lags(BAKER)).to.deep.equal({ baker: 0 });
    await run('delete from measured_positions');
    await file('baker', await log('mill.flour-ground', 6 * MINUTE_MS), 'redriven');
    expect(await lags(BAKER)).to.deep.equal({ baker: 6 });
  });

  it('do not miss a message that is committed seconds after one with a later id was seen', async () => {
    await handle('baker', await log('mill.flour-ground', 0));
    expect(await lags(BAKER)).to.deep.equal({ baker: 0 });
    await log('mill.flour-ground', 5000);
    const [lag] = await measureLag(database.database, [BAKER]);
    expect(lag?.lagMs).to.be.within(4000, MINUTE_MS);
  });

  it('hold against an actor that joins later only what came after it', async () => {
    await log('bakery.bread-baked', 30 * MINUTE_MS);
    await lags(BAKER);
    expect(await lags(BAKER, DRIVER)).to.deep.equal({ baker: 0, driver: 0 });
    await log('bakery.bread-baked', 0);
    const [, lag] = await measureLag(database.database, [BAKER, DRIVER]);
    expect(lag?.lagMs).to.be.greaterThan(0);
  });

  it('tell apart two hundred groups of dead letters, and count the rest together', async () => {
    await run(
      `insert into dead_letters (id, actor, message_id, body, headers, road, error_code, error_message, attempts, fingerprint)
       select gen_random_uuid(), 'baker' || n % 500, n, '', '{}', 'runtime', 'test.' || n % 500, 'test', 1, n % 500 from generate_series(1, 1200) as n`,
    );
    const groups = await countStanding(database.database);
    expect(groups).to.have.length(401);
    expect(groups.reduce((sum, { count }) => sum + count, 0)).to.equal(1200);
    const folded = groups.filter(({ fingerprint }) => fingerprint === 'other');
    expect(folded, 'by their actors as long as those are few').to.have.length(201);
    const rest = folded.find(({ actor }) => actor === 'other');
    expect(rest).to.deep.include({ actor: 'other', code: 'other', status: 'open', count: 200 });
    // The most frequent are told apart.
    expect(groups.filter(({ count }) => count === 3)).to.have.length(200);
  });

  it('tell each end of an order once, with the time since its request, whoever asks', async () => {
    const ends = ['shipping.order-shipped', 'orders.order-cancelled'];
    const take = () => takeOrderEnds(database.database, ends);
    expect(await take()).to.deep.equal([]);
    await run(`update measured_positions set position = uuid_v7_floor(now() - interval '1 hour')`);
    await log('shipping.order-shipped', 2 * MINUTE_MS, v7({ msecs: Date.now() - 5 * MINUTE_MS }));
    await log('orders.order-cancelled', MINUTE_MS, v7({ msecs: Date.now() - 5 * MINUTE_MS }));
    await log('orders.order-placed', MINUTE_MS);
    // Its neighbours may not be committed yet.
    await log('shipping.order-shipped', 1000);
    const taken = (await Promise.all([take(), take()])).flat();
    expect(taken.map(({ type, tookMs }) => `${type} ${Math.round(tookMs / MINUTE_MS)}`)).to.have.members([
      'shipping.order-shipped 3',
      'orders.order-cancelled 4',
    ]);
    expect(await take()).to.deep.equal([]);
  });

  it('of a process tell which of its connections are used, and who waits for one', async () => {
    const own = new Database({ url: database.url, connections: 2, applicationName: 'warren test' });
    const connections = async (state: string): Promise<number> =>
      Number(
        new RegExp(`warren_postgres_connections\\{state="${state}"\\} (\\d+)`).exec(await register.metrics())?.[1],
      );
    const [used, waiting] = [await connections('used'), await connections('waiting')];
    const queries = Promise.all([1, 2, 3, 4, 5].map(() => own.query({ text: 'select pg_sleep(0.3)' })));
    await until('two are used', async () => (await connections('used')) === used + 2);
    expect(await connections('waiting')).to.equal(waiting + 3);
    await queries;
    expect(await connections('used')).to.equal(used);
    await own.close();
  });

  describe('of queues', () => {
    let broker: TestBroker;
    let fleet: TestFleet;
    before(async () => {
      broker = await createBroker();
      fleet = new TestFleet({ database: database.url, broker: broker.url, redis: needed('REDIS_URL') });
    });
    after(async () => {
      await fleet.stop();
      await broker.close();
    });

    it('tell what waits and who consumes, leave out a queue that is missing, and are none without the broker', async () => {
      const counts = new QueueCounts(fleet.parts.consuming);
      expect(await counts.count(['bread'])).to.equal(undefined);
      const host = encodeURIComponent(new URL(broker.url).pathname.slice(1));
      await manage('PUT', `/api/queues/${host}/bread`, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
      await fleet.connect();
      fleet.parts.consuming.open();
      await until('the broker answers', async () => (await counts.count(['bread'])) !== undefined);
      const message = { routing_key: 'bread', payload: 'a loaf', payload_encoding: 'string', properties: {} };
      await manage('POST', `/api/exchanges/${host}/amq.default/publish`, message);
      await until('it is there', async () => (await counts.count(['bread']))?.[0]?.waiting === 1);
      expect(await counts.count(['cake', 'bread', 'pie'])).to.deep.equal([
        { queue: 'bread', waiting: 1, consumers: 0 },
      ]);
      fleet.parts.consuming.listen({
        connected: async (model) => {
          const channel = await model.createChannel();
          await channel.consume('bread', () => undefined);
        },
      });
      await until('it is taken', async () => (await counts.count(['bread']))?.[0]?.consumers === 1);
      expect(await counts.count(['bread'])).to.deep.equal([{ queue: 'bread', waiting: 0, consumers: 1 }]);
    });
  });
});
