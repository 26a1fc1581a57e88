import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { WebProcess } from '../support/web-process.js';

const LISTENERS = 2000;
const ORDERS = 200;
const MEGABYTE = 1024 * 1024;
/** Per listener, its socket and what waits for it included. */
const LISTENER_AT_MOST = 64 * 1024;

/** A connection that listens to an order. It keeps no more than the end of what it is sent. */
class Listener {
  text = '';
  received = 0;
  over = false;
  readonly #socket: Socket;

  constructor(url: string, path: string, key: string) {
    const { port, hostname } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.over = true;
    });
    this.#socket.setEncoding('utf8').on('data', (text: string) => {
      this.received += text.length;
      this.text = (this.text + text).slice(-4096);
    });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nhost: here\r\naccept: text/event-stream\r\nauthorization: Bearer ${key}\r\n\r\n`,
    );
  }

  /** Reads no more. */
  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}

describe('event streams of one process', function () {
  this.timeout(120_000);
  let store: TestDatabase;
  let storefront: { readonly id: string; readonly key: string };
  let web: WebProcess;
  let url: string;
  let listeners: Listener[];

  before(async () => {
    store = await createDatabase();
    storefront = await createStorefront(store.database, 'Shop');
  });
  after(() => store.close());
  beforeEach(async () => {
    listeners = [];
    web = new WebProcess({ DATABASE_URL: store.url, LOG_LEVEL: 'info' });
    // On a machine with other things to do it takes its time.
    url = await until('it listens', () => web.url().catch(() => undefined), 60_000);
  });
  afterEach(async () => {
    for (const listener of listeners) listener.close();
    await web.kill();
  });

  const makeOrders = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => v7());
    await store.database.query({
      text: `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
             select id, $2, '{}', '{}', '[]', 1, 'EUR', 'INITIATED', 'pending', 'pending', 'none', 1 from unnest($1::uuid[]) as id`,
      values: [ids, storefront.id],
    });
    return ids;
  };
  const happen = (orderIds: readonly string[], bytes: number) =>
    store.database.query({
      text: `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
             select id, 'inventory.stock-reserved', 1, order_id, 'test', now(), jsonb_build_object('note', repeat('x', $3))
             from unnest($1::uuid[], $2::uuid[]) as happened (id, order_id)`,
      values: [orderIds.map(() => v7()), orderIds, bytes],
    });
  const listen = (orderId: string): Listener => {
    const listener = new Listener(url, `/orders/${orderId}/events`, storefront.key);
    listeners.push(listener);
    return listener;
  };
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1]);
  const all = (what: string, condition: (listener: Listener) => boolean) =>
    until(what, () => listeners.every(condition), 60_000);

  it('reach 2,000 listeners, each with what is about its order, with little memory for each', async () => {
    const orderIds = await makeOrders(ORDERS);
    const before = await metric('process_resident_memory_bytes');
    // Until it is open a stream is a read like any other, of which so many may be under way.
    for (let opened = 0; opened < LISTENERS; opened += ORDERS) {
      for (const orderId of orderIds) listen(orderId);
      await all('all are told the status', ({ text }) => text.includes('"status":"INITIATED"'));
    }
    expect(await metric('warren_event_streams')).to.equal(LISTENERS);
    await happen(orderIds, 10);
    await all('all are told what happened', ({ text }) => text.includes('event: inventory.stock-reserved'));
    expect((await metric('process_resident_memory_bytes')) - before).to.be.below(LISTENERS * LISTENER_AT_MOST);
    await store.database.query({ text: "update orders set status = 'SHIPPED' where id = any($1)", values: [orderIds] });
    await all('all streams have ended', ({ over }) => over);
    expect(listeners.filter(({ text }) => text.includes('"status":"SHIPPED"')).length).to.equal(LISTENERS);
    await until('none is left', async () => (await metric('warren_event_streams')) === 0);
  });

  it('keep little for a reader who reads nothing, and let it go, while others of its order are sent everything', async () => {
    const [orderId = ''] = await makeOrders(1);
    const reader = listen(orderId);
    const sleeper = listen(orderId);
    await all('both are told the status', ({ text }) => text.includes('"status":"INITIATED"'));
    sleeper.pause();
    const before = await metric('process_resident_memory_bytes');
    for (let sent = 1; sent <= 60; sent++) {
      await happen([orderId], MEGABYTE / 2);
      await until('the reader has it', () => reader.received > (sent * MEGABYTE) / 2);
    }
    expect((await metric('process_resident_memory_bytes')) - before).to.be.below(100 * MEGABYTE);
    // Two heartbeats on end.
    await until('it is let go', async () => (await metric('warren_event_streams')) === 1, 45_000);
    expect(reader.over).to.equal(false);
  });
});
