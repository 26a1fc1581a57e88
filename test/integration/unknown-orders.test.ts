import { expect } from 'chai';
import { v7 } from 'uuid';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import { newMessage } from '../../shared/messaging/message.js';
import { encode, HEADER } from '../../shared/messaging/wire.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderReady } from '../../workers/orders/messages.js';
import { PaymentRefunded } from '../../workers/payment/messages.js';
import { CancelShipment, OrderShipped } from '../../workers/shipping/messages.js';
import { Deployment } from '../support/deployment.js';
import { TestFleet } from '../support/fleet.js';
import { needed } from '../support/needed.js';
import { placed } from '../support/sample-order.js';
import { until } from '../support/until.js';

const SKU = 'BASKET-WILLOW';
const LAST_ATTEMPT = 6;

interface Told {
  readonly tell: (orderId: string) => Promise<void>;
  readonly ends: readonly string[];
}

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
  /** @param ends who files it, and why */
  const told = <C extends Contract>(
    contract: C,
    payload: (orderId: string) => Payload<C>,
    ...ends: readonly string[]
  ): Told => ({ ends, tell: (orderId) => send(contract, payload(orderId), orderId, LAST_ATTEMPT) });
  const letters = async (orderId: string): Promise<string[]> => {
    const text = `select concat_ws(' ', actor, error_code) as letter from dead_letters where correlation_id = $1 order by 1`;
    return (await rows<{ letter: string }>(text, orderId)).map(({ letter }) => letter);
  };
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

  it('are given up by everybody who would act on them', async () => {
    const { customer, shippingAddress, total } = placed;
    const lines = [{ sku: SKU, quantity: 3 }];
    const shipped = { customer, lines, carrier: 'post', trackingNumber: 'T1' };
    const before = await asked();
    const given: Told[] = [
      told(OrderPlaced, placedAs, 'inventory order.unknown'),
      told(
        OrderConfirmed,
        (orderId) => ({ orderId, customer, lines: placedAs(orderId).lines, total }),
        'email order.unknown',
        'webhooks order.unknown',
      ),
      told(
        OrderReady,
        (orderId) => ({ orderId, storefrontId, customer, shippingAddress, lines }),
        'shipping order.unknown',
      ),
      told(
        OrderShipped,
        (orderId) => ({ orderId, storefrontId, ...shipped }),
        'email order.unknown',
        'inventory reservation.unknown',
        'webhooks order.unknown',
      ),
      told(
        OrderCancelled,
        (orderId) => ({ orderId, storefrontId, customer, lines, reason: 'customer' as const }),
        'email order.unknown',
        'inventory order.unknown',
        'webhooks order.unknown',
      ),
      told(CancelShipment, (orderId) => ({ orderId }), 'shipping order.unknown'),
      told(PaymentRefunded, (orderId) => ({ orderId, amount: total }), 'webhooks order.unknown'),
    ];
    for (const { tell, ends } of given) {
      const orderId = v7();
      await tell(orderId);
      await until(`it is filed: ${ends}`, async () => (await letters(orderId)).length === ends.length);
      expect(await letters(orderId)).to.deep.equal(ends);
    }
    const written = [
      'reservations',
      'stock_levels where reserved > 0',
      'shipments',
      'emails',
      'webhook_events',
      'event_log',
    ];
    for (const what of written) expect(await rows(`select from ${what}`), what).to.deep.equal([]);
    expect(await asked()).to.equal(before);
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
