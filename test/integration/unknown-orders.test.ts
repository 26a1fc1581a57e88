import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import { encode, HEADER } from '../../shared/messaging/wire.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderReady } from '../../workers/orders/messages.js';
import { CancelShipment } from '../../workers/shipping/messages.js';
import { Deployment } from '../support/deployment.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { placed } from '../support/sample-order.js';
import { until } from '../support/until.js';

const SKU = 'BASKET-WILLOW';
const LAST_ATTEMPT = 6;

/** As after PostgreSQL was restored from a backup, and RabbitMQ was not. */
describe('messages about orders that PostgreSQL does not know', function () {
  this.timeout(90_000);
  let deployment: Deployment;
  let sender: TestFleet;
  let storefrontId: string;

  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await deployment.database.database.query<R>({ text, values })).rows;
  /** As the broker had it left, and with persons that nobody has sealed. */
  const placedAs = (orderId: string) => {
    const { customer, shippingAddress, total } = placed;
    const lines = [{ sku: SKU, quantity: 3, unitPrice: 3400 }];
    return { orderId, storefrontId, customer, shippingAddress, lines, total };
  };
  const send = async <C extends Contract>(contract: C, payload: Payload<C>, orderId: string, attempt: number) => {
    const about = { correlationId: orderId, causationId: null, producer: 'test', occurredAt: new Date() };
    const packet = encode(newMessage(contract, payload, about));
    await sender.send({ ...packet, headers: { ...packet.headers, [HEADER.attempt]: attempt } });
  };
  const letters = (orderId: string) =>
    rows<{ actor: string; type: string; error_code: string }>(
      'select actor, type, error_code from dead_letters where correlation_id = $1 order by actor, type',
      orderId,
    );
  const store = (orderId: string) =>
    rows(
      `insert into orders (id, storefront_id, customer, shipping_address, lines, total_amount, currency, status, stock, payment, shipment, version)
       values ($1, $2, '{}', '{}', '[]', 1, 'GBP', 'INITIATED', 'pending', 'requested', 'none', 1)`,
      orderId,
      storefrontId,
    );
  const reservation = async (orderId: string): Promise<string | undefined> =>
    (await rows<{ status: string }>('select status from reservations where order_id = $1', orderId))[0]?.status;
  const asked = async (): Promise<number> => {
    const answer = await fetch(`${deployment.providerUrl}/counts`);
    return ((await answer.json()) as { sinceStart: { requests: number } }).sinceStart.requests;
  };

  before(async () => {
    deployment = await Deployment.start({
      processes: [['inventory', 'shipping', 'email', 'webhooks'], ['dead-letters']],
    });
    sender = new TestFleet({
      database: deployment.database.url,
      broker: deployment.brokerUrl,
      redis: needed('REDIS_URL'),
    });
    await sender.connect();
    storefrontId = (await rows<{ id: string }>('select id from storefronts limit 1'))[0]?.id ?? '';
  });
  after(async () => {
    await sender.stop();
    await deployment.stop();
  });

  it('are given up by everybody who would act on them, with nothing set aside, shipped, mailed or told', async () => {
    const orderId = v7();
    const order = placedAs(orderId);
    const { customer, shippingAddress, lines, total } = order;
    const before = await asked();
    await send(OrderPlaced, order, orderId, LAST_ATTEMPT);
    await send(OrderConfirmed, { orderId, customer, lines, total }, orderId, LAST_ATTEMPT);
    await send(
      OrderReady,
      { orderId, storefrontId, customer, shippingAddress, lines: [{ sku: SKU, quantity: 3 }] },
      orderId,
      LAST_ATTEMPT,
    );
    await until('all of them are filed', async () => (await letters(orderId)).length === 4);
    expect(await letters(orderId)).to.deep.equal([
      { actor: 'email', type: OrderConfirmed.name, error_code: 'order.unknown' },
      { actor: 'inventory', type: OrderPlaced.name, error_code: 'order.unknown' },
      { actor: 'shipping', type: OrderReady.name, error_code: 'order.unknown' },
      { actor: 'webhooks', type: OrderConfirmed.name, error_code: 'order.unknown' },
    ]);
    expect(await reservation(orderId)).to.equal(undefined);
    expect(await rows('select from stock_levels where reserved > 0')).to.deep.equal([]);
    expect(await rows('select from event_log where correlation_id = $1', orderId)).to.deep.equal([]);
    expect(await asked()).to.equal(before);
  });

  it('take nothing back either', async () => {
    const orderId = v7();
    const { customer } = placed;
    const lines = [{ sku: SKU, quantity: 3 }];
    await send(OrderCancelled, { orderId, storefrontId, customer, lines, reason: 'customer' }, orderId, LAST_ATTEMPT);
    await send(CancelShipment, { orderId }, orderId, LAST_ATTEMPT);
    await until('all of them are filed', async () => (await letters(orderId)).length === 4);
    expect((await letters(orderId)).map(({ actor }) => actor)).to.have.members([
      'email',
      'inventory',
      'shipping',
      'webhooks',
    ]);
    expect(await reservation(orderId)).to.equal(undefined);
    expect(await rows('select from shipments where order_id = $1', orderId)).to.deep.equal([]);
  });

  it('are tried again before that, and handled once the order is there', async () => {
    const orderId = v7();
    await send(OrderPlaced, placedAs(orderId), orderId, 1);
    await until('it is tried again', () => deployment.output().includes(`order ${orderId} is not stored`));
    expect(await reservation(orderId)).to.equal(undefined);
    await store(orderId);
    expect(await until('it is set aside', () => reservation(orderId))).to.equal('reserved');
    expect(await letters(orderId)).to.deep.equal([]);
  });
});
