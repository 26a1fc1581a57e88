import { expect } from 'chai';
import { v7 } from 'uuid';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import { StockReserved } from '../../workers/inventory/messages.js';
import { PaymentVoided } from '../../workers/payment/messages.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { ServerSentEvents } from '../support/server-sent-events.js';
import { until } from '../support/until.js';

describe('an order, seen by its storefront', () => {
  let store: TestDatabase;
  let intake: TestIntake;
  let stranger: string;
  let orderId: string;
  const streams: ServerSentEvents[] = [];

  before(async () => {
    store = await createDatabase();
    intake = await TestIntake.start({ databaseUrl: store.url });
    await stockCatalogue(store.database);
    stranger = `Bearer ${(await createStorefront(store.database, 'Stranger')).key}`;
  });
  after(async () => {
    await intake.close();
    await store.close();
  });
  beforeEach(async () => {
    const { body } = await intake.call('POST', '/orders', { headers: { 'idempotency-key': v7() }, body: orderBody });
    orderId = String(body['orderId']);
  });
  afterEach(async () => {
    await Promise.all(streams.splice(0).map((stream) => stream.close()));
  });

  const listen = async (headers: Record<string, string> = {}): Promise<ServerSentEvents> => {
    const response = await intake.stream('GET', `/orders/${orderId}/events`, {
      headers: { accept: 'text/event-stream', ...headers },
    });
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    const stream = new ServerSentEvents(response);
    streams.push(stream);
    return stream;
  };
  const happen = async <C extends Contract>(contract: C, payload: Payload<C>, id = v7()): Promise<Message> => {
    const about = { correlationId: orderId, causationId: null, producer: 'test', occurredAt: new Date() };
    const message = { ...newMessage(contract, payload, about), id };
    await store.database.transaction((transaction) => storeMessages(transaction, [message], 60_000));
    return message;
  };
  const become = (status: string) =>
    store.database.query({ text: 'update orders set status = $2 where id = $1', values: [orderId, status] });

  it('shows what each worker has made of it', async () => {
    const { body: before } = await intake.call('GET', `/orders/${orderId}`);
    expect(before).to.deep.include({
      orderId,
      status: 'INITIATED',
      customer: orderBody.customer,
      shippingAddress: orderBody.shippingAddress,
      total: { amount: 5300, currency: 'GBP' },
      payment: { status: 'requested' },
      reservation: { status: 'pending' },
      shipment: null,
      emails: [],
    });
    expect(before).not.to.have.any.keys('reference', 'cancelReason');

    await store.database.query({
      text: "insert into reservations (order_id, status, lines, version) values ($1, 'released', '[]', 1)",
      values: [orderId],
    });
    await store.database.query({
      text: "insert into shipments (order_id, status, carrier, tracking_number, version) values ($1, 'refused', null, null, 1)",
      values: [orderId],
    });
    await store.database.query({
      text: `insert into emails (id, recipient, message_id, sent_at, version) values ($1 || ':cancelled', 'a', 'b', '2026-03-01T12:00:00.5+02', 1),
             ($1 || ':confirmed', 'a', 'b', '2026-03-01T09:00:00Z', 1)`,
      values: [orderId],
    });
    await store.database.query({
      text: "update payments set status = 'declined', reason = 'insufficient_funds', token = null where order_id = $1",
      values: [orderId],
    });
    await store.database.query({
      text: "update orders set status = 'CANCELLED', cancel_reason = 'payment-declined' where id = $1",
      values: [orderId],
    });
    const { body: after } = await intake.call('GET', `/orders/${orderId}`);
    expect(after).to.deep.include({
      status: 'CANCELLED',
      cancelReason: 'payment-declined',
      payment: { status: 'declined', reason: 'insufficient_funds' },
      reservation: { status: 'released' },
      shipment: { status: 'refused', carrier: null, trackingNumber: null },
      emails: [
        { occasion: 'confirmed', sentAt: '2026-03-01T09:00:00.000Z' },
        { occasion: 'cancelled', sentAt: '2026-03-01T10:00:00.500Z' },
      ],
    });
  });

  it('lists its messages in the timeline and, with their content, among its events', async () => {
    const reserved = await happen(StockReserved, { orderId, lines: [{ sku: 'CUP', quantity: 2 }] });
    const { body: order } = await intake.call('GET', `/orders/${orderId}`);
    expect(order['timeline']).to.have.length(2);
    expect(order).to.have.deep.nested.property('timeline[1]', {
      id: reserved.id,
      type: 'inventory.stock-reserved',
      at: reserved.occurredAt.toISOString(),
    });
    const { body: events } = await intake.call('GET', `/orders/${orderId}/events`);
    expect(events).to.have.nested.property('items[0].type', 'orders.order-placed');
    expect(events).to.have.deep.nested.property('items[1]', {
      id: reserved.id,
      type: 'inventory.stock-reserved',
      version: 1,
      occurredAt: reserved.occurredAt.toISOString(),
      causationId: null,
      data: { orderId, lines: [{ sku: 'CUP', quantity: 2 }] },
    });
  });

  it('does not exist for another storefront', async () => {
    for (const [method, path] of [
      ['GET', `/orders/${orderId}`],
      ['GET', `/orders/${orderId}/events`],
      ['POST', `/orders/${orderId}/cancel`],
    ] as const) {
      const asked = await intake.call(method, path, { headers: { authorization: stranger } });
      const unknown = await intake.call(method, path.replace(orderId, v7()), { headers: { authorization: stranger } });
      expect([asked.status, asked.body], path).to.deep.equal([404, unknown.body]);
    }
    const streamed = await intake.stream('GET', `/orders/${orderId}/events`, {
      headers: { accept: 'text/event-stream', authorization: stranger },
    });
    expect(streamed.status).to.equal(404);
    await streamed.text();
  });

  it('streams what was, what comes and what comes late, and ends when the order is final', async () => {
    const stream = await listen();
    expect(await stream.next('orders.order-placed')).to.have.nested.property('data.data.orderId', orderId);
    expect((await stream.next('status')).data).to.deep.equal({ orderId, status: 'INITIATED' });
    const late = v7();
    const reserved = await happen(StockReserved, { orderId, lines: [] });
    expect((await stream.next('inventory.stock-reserved')).data).to.include({ id: reserved.id });
    await happen(PaymentVoided, { orderId }, late);
    expect((await stream.next('payment.payment-voided')).data).to.include({ id: late });
    await become('CANCELLED');
    expect((await stream.next('status')).data).to.deep.equal({ orderId, status: 'CANCELLED' });
    await stream.ended();
    expect(stream.all.map(({ event }) => event)).to.deep.equal([
      'orders.order-placed',
      'status',
      'inventory.stock-reserved',
      'payment.payment-voided',
      'status',
    ]);
  });

  it('goes on streaming after the last event the reader has', async () => {
    const first = await listen();
    const { id } = await first.next('orders.order-placed');
    await first.close();
    await happen(StockReserved, { orderId, lines: [] });
    const second = await listen({ 'last-event-id': String(id) });
    await second.next('inventory.stock-reserved');
    expect(second.all.map(({ event }) => event)).not.to.include('orders.order-placed');
  });

  it('is streamed to many readers at once, and nothing is left of those who went away', async () => {
    const readers = await Promise.all(Array.from({ length: 50 }, () => listen()));
    await Promise.all(readers.map((reader) => reader.next('orders.order-placed')));
    const open = async (): Promise<string | undefined> =>
      /^warren_event_streams (\d+)$/m.exec(await (await intake.stream('GET', '/metrics')).text())?.[1];
    expect(await open()).to.equal('50');
    await Promise.all(readers.map((reader) => reader.close()));
    await until('no stream is open', async () => (await open()) === '0');
  });

  it('ends its streams when the process stops', async () => {
    const stopping = await TestIntake.start({ databaseUrl: store.url }, intake.key);
    const response = await stopping.stream('GET', `/orders/${orderId}/events`, {
      headers: { accept: 'text/event-stream' },
    });
    const stream = new ServerSentEvents(response);
    await stream.next('orders.order-placed');
    await stopping.close();
    await stream.ended();
  });

  describe('cancelled', () => {
    const cancel = () => intake.call('POST', `/orders/${orderId}/cancel`);
    const commands = async () => {
      const { rows } = await store.database.query<{ payload: unknown; unsent: boolean }>({
        text: `select payload, outbox.id is not null as unsent from event_log left join outbox using (id)
               where correlation_id = $1 and type = 'orders.cancel-order'`,
        values: [orderId],
      });
      return rows;
    };

    it('passes the wish on once, however often it is asked for at once', async () => {
      const answers = await Promise.all([cancel(), cancel(), cancel()]);
      for (const { status, body } of answers) {
        expect(status).to.equal(202);
        expect(body).to.include({ orderId, status: 'INITIATED' });
      }
      expect(await commands()).to.deep.equal([{ payload: { orderId }, unsent: true }]);
    });

    it('is accepted without effect when it is cancelled or being cancelled', async () => {
      for (const status of ['CANCELLING', 'CANCELLED']) {
        await become(status);
        const answer = await cancel();
        expect([answer.status, answer.body['status']]).to.deep.equal([202, status]);
      }
      expect(await commands()).to.deep.equal([]);
    });

    it('is refused when it has been shipped', async () => {
      await become('SHIPPED');
      const { status, body } = await cancel();
      expect([status, body['code']]).to.deep.equal([409, 'order.already-shipped']);
      expect(await commands()).to.deep.equal([]);
    });
  });
});
