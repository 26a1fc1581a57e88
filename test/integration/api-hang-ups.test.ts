import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { createOperator } from '../../api/operators/operator.js';
import { Database, type Rows, type Statement } from '../../shared/postgres/database.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { operate } from '../support/operator.js';
import { until } from '../support/until.js';

/** Answers a statement when it is let go, once it is told to hold it. */
class HoldingDatabase extends Database {
  /** Part of the statement's text. */
  hold: string | undefined;
  letGo: (() => void) | undefined;
  /** Times the orders of event streams were looked at. */
  watched = 0;

  override async query<R extends object>(statement: Statement): Promise<Rows<R>> {
    if (statement.name === 'orders-watch') this.watched += 1;
    if (this.hold !== undefined && statement.text.includes(this.hold)) {
      this.hold = undefined;
      await new Promise<void>((resolve) => {
        this.letGo = resolve;
      });
    }
    return super.query<R>(statement);
  }
}

const REQUESTS = 3;

describe('who hangs up', () => {
  let store: TestDatabase;
  let database: HoldingDatabase;
  let intake: TestIntake;

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    database = new HoldingDatabase({ url: store.url, connections: 2, applicationName: 'warren test web' });
    intake = await TestIntake.start({ databaseUrl: store.url, database, limits: { requests: REQUESTS } });
  });
  afterEach(() => intake.close());

  /** Asks, and hangs up while the statement is under way. */
  const hangUpDuring = async (statement: string, path: string, headers: Record<string, string>): Promise<void> => {
    database.hold = statement;
    const asked = request(`${intake.url}${path}`, { headers });
    asked.on('error', () => undefined).end();
    await until('the statement is held', () => database.letGo !== undefined);
    asked.destroy();
    await until('the connection is gone', async () => (await intake.connections()) === 0);
    database.letGo?.();
  };

  it('before an event stream is opened leaves none behind', async () => {
    const id = v7();
    await store.database.query({
      text: `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
             select $1, id, '{}', '{}', '[]', 1, 'EUR', 'INITIATED', 'pending', 'pending', 'none', 1 from storefronts limit 1`,
      values: [id],
    });
    const authorization = `Bearer ${intake.key}`;
    await hangUpDuring('from orders where id', `/orders/${id}/events`, { authorization, accept: 'text/event-stream' });
    await pause(100);
    const { watched } = database;
    // Twice as long as to the next look.
    await pause(500);
    expect(database.watched).to.equal(watched);
  });

  it('before his turn leaves it to the next operator', async () => {
    const key = (await createOperator(store.database, { name: 'ada', role: 'viewer' }))?.key ?? '';
    await hangUpDuring('from operators', '/operator/me', { authorization: `Bearer ${key}` });
    expect(await operate(intake.url, 'GET', '/me', undefined, key)).to.have.property('status', 200);
  });

  it('with several requests on one connection leaves the room of all of them to others', async () => {
    database.hold = 'from storefronts';
    const socket = connect(Number(new URL(intake.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const get = 'GET /stock HTTP/1.1\r\nhost: here\r\nauthorization: Bearer nobody\r\n\r\n';
    const post = `POST /orders HTTP/1.1\r\nhost: here\r\nauthorization: Bearer nobody\r\ncontent-length: 0\r\n\r\n`;
    socket.write(get + post.repeat(REQUESTS));
    const refused = async () => (await intake.call('POST', '/orders', { body: {} })).status === 503;
    await until('there is no room', refused);
    socket.destroy();
    database.letGo?.();
    await until('there is room again', async () => !(await refused()));
  });
});
