import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Statement } from '../../shared/postgres/database.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { ObservedDatabase } from '../support/observed-database.js';
import { operate } from '../support/operator.js';
import { until } from '../support/until.js';

/** Answers a statement when it is let go, once it is told to hold it. */
class HoldingDatabase extends ObservedDatabase {
  /** Part of the statement's text. */
  hold: string | undefined;
  letGo: (() => void) | undefined;
  /** Times the orders of event streams were looked at. */
  watched = 0;

  protected override async look({ name, text }: Statement): Promise<void> {
    if (name === 'orders-watch') this.watched += 1;
    if (this.hold === undefined || !text.includes(this.hold)) return;
    this.hold = undefined;
    await new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
  }
}

const REQUESTS = 3;

describe('who hangs up', () => {
  let database: HoldingDatabase;
  const web = intakePerTest((url) => {
    database = new HoldingDatabase({ url, connections: 2, applicationName: 'warren test web' });
    return { database, limits: { requests: REQUESTS } };
  });

  /** Asks, and hangs up while the statement is under way. */
  const hangUpDuring = async (statement: string, path: string, headers: Record<string, string>): Promise<void> => {
    database.hold = statement;
    const asked = request(`${web.intake.url}${path}`, { headers });
    asked.on('error', () => undefined).end();
    await until('the statement is held', () => database.letGo !== undefined);
    asked.destroy();
    await until('the connection is gone', async () => (await web.intake.connections()) === 0);
    database.letGo?.();
  };

  it('before an event stream is opened leaves none behind', async () => {
    const id = v7();
    await web.database.query({
      text: `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
             select $1, id, '{}', '{}', '[]', 1, 'EUR', 'INITIATED', 'pending', 'pending', 'none', 1 from storefronts limit 1`,
      values: [id],
    });
    const authorization = `Bearer ${web.intake.key}`;
    await hangUpDuring('from orders where id', `/orders/${id}/events`, { authorization, accept: 'text/event-stream' });
    await pause(100);
    const { watched } = database;
    // Twice as long as to the next look.
    await pause(500);
    expect(database.watched).to.equal(watched);
  });

  it('before his turn leaves it to the next operator', async () => {
    const key = await web.operatorKey('viewer');
    await hangUpDuring('from operators', '/operator/me', { authorization: `Bearer ${key}` });
    expect(await operate(web.intake.url, 'GET', '/me', undefined, key)).to.have.property('status', 200);
  });

  it('with several requests on one connection leaves the room of all of them to others', async () => {
    database.hold = 'from api_keys';
    const socket = connect(Number(new URL(web.intake.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const get = 'GET /stock HTTP/1.1\r\nhost: here\r\nauthorization: Bearer nobody\r\n\r\n';
    const post = `POST /orders HTTP/1.1\r\nhost: here\r\nauthorization: Bearer nobody\r\ncontent-length: 0\r\n\r\n`;
    socket.write(get + post.repeat(REQUESTS));
    const refused = async () => (await web.intake.call('POST', '/orders', { body: {} })).status === 503;
    await until('there is no room', refused);
    socket.destroy();
    database.letGo?.();
    await until('there is room again', async () => !(await refused()));
  });
});
