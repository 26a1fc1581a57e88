import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

/** The provider's own books. */
interface Books {
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
}

const WILLOW = 3400;

describe('the fleet, on real servers and the sandbox', function () {
  this.timeout(90_000);
  let deployment: Deployment;
  let shop: Storefront;

  before(async () => {
    deployment = await Deployment.start({
      processes: [['orders', 'inventory', 'payment', 'email'], ['relay', 'dead-letters'], ['shipping']],
    });
    shop = new Storefront(deployment);
  });
  after(() => deployment.stop());

  const books = async (orderId: string): Promise<Books> => {
    const answer = await fetch(`${deployment.providerUrl}/payments?orderId=${orderId}`, {
      headers: { authorization: 'Bearer sandbox-provider-key' },
    });
    const { held, captured, refunded } = (await answer.json()) as Books;
    return { held, captured, refunded };
  };
  const occasionsMailed = async (orderId: string): Promise<string[]> => {
    const order = await shop.order(orderId);
    const answer = await fetch(`${deployment.sinkUrl}/messages?orderId=${orderId}`);
    const { items } = (await answer.json()) as { items: { to: string[] }[] };
    expect(items.length).to.equal(order.emails.length);
    for (const { to } of items) expect(to).to.deep.equal(['ada@example.com']);
    return order.emails.map(({ occasion }) => occasion);
  };
  const mailed = (orderId: string, occasions: number) =>
    until(`${occasions} mails`, async () =>
      (await shop.order(orderId)).emails.length === occasions ? occasionsMailed(orderId) : undefined,
    );
  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await deployment.database.database.query<R>({ text, values })).rows;

  it('carries an order to shipped: charged once, taken out of stock, mailed twice', async () => {
    const id = await shop.place({ quantity: 2 });
    const order = await shop.reached(id, 'SHIPPED');
    expect(order.payment.status).to.equal('captured');
    expect(order.shipment?.trackingNumber).to.be.a('string');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 2 * WILLOW, refunded: 0 });
    expect(await mailed(id, 2)).to.deep.equal(['confirmed', 'shipped']);
    const movements = await until('the stock has moved', async () => {
      const moved = await rows<{ kind: string; quantity: number }>(
        'select kind, quantity from stock_movements where order_id = $1 order by id',
        id,
      );
      return moved.length === 2 ? moved : undefined;
    });
    expect(movements).to.deep.equal([
      { kind: 'reserved', quantity: 2 },
      { kind: 'shipped', quantity: 2 },
    ]);
  });

  it('gives the stock back when the payment is declined', async () => {
    const id = await shop.place({ token: 'tok_declined' });
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('payment-declined');
    expect(order.reservation?.status).to.equal('released');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 0, refunded: 0 });
    expect(await mailed(id, 1)).to.deep.equal(['cancelled']);
  });

  it('gives up the held money when stock is short', async () => {
    const id = await shop.place({ quantity: 900_000 });
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('out-of-stock');
    expect(order.reservation?.status).to.equal('failed');
    expect(order.payment.status).to.equal('voided');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 0, refunded: 0 });
    expect(await mailed(id, 1)).to.deep.equal(['cancelled']);
  });

  it('gives all back when the customer cancels before the charge', async () => {
    const id = await shop.place({ token: 'tok_slow' });
    expect(await shop.cancel(id)).to.equal(202);
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('customer');
    expect(order.reservation?.status).to.equal('released');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 0, refunded: 0 });
    expect(await mailed(id, 1)).to.deep.equal(['cancelled']);
  });

  it('charges once when the provider fails after charging', async () => {
    const id = await shop.place({ token: 'tok_error_after_charge' });
    await shop.reached(id, 'SHIPPED');
    expect(await books(id)).to.deep.equal({ held: 0, captured: WILLOW, refunded: 0 });
  });

  it('pays back when the customer cancels after the charge, while the carrier cannot be reached', async () => {
    const shipping = deployment.running.find(({ name }) => name.endsWith('shipping'));
    if (shipping === undefined) throw new Error('shipping does not run');
    await deployment.end(shipping, 'SIGTERM');
    const severed = await deployment.startWorkers(['shipping'], { CARRIER_URL: 'http://127.0.0.1:1' });
    const id = await shop.place();
    await shop.reached(id, 'PAID');
    await until('shipping has tried', () => severed.output().includes('trying again'));
    expect(await shop.cancel(id)).to.equal(202);
    await until('the parcel is not to leave', async () => (await shop.order(id)).shipment?.status === 'cancelling');
    // The carrier may have the parcel: nothing is paid back before it has said that it has not.
    expect((await shop.order(id)).status).to.equal('PAID');
    await deployment.end(severed, 'SIGTERM');
    await deployment.startWorkers(['shipping']);
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('customer');
    expect(order.payment.status).to.equal('refunded');
    expect(order.reservation?.status).to.equal('released');
    expect(order.shipment?.status).to.equal('cancelled');
    expect(await books(id)).to.deep.equal({ held: 0, captured: WILLOW, refunded: WILLOW });
    expect(await mailed(id, 2)).to.deep.equal(['confirmed', 'cancelled']);
    expect(await rows('select 1 from dead_letters')).to.deep.equal([]);
  });

  it('refuses to cancel what is shipped', async () => {
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED');
    expect(await shop.cancel(id)).to.equal(409);
  });

  it('takes an order that is asked for twice once, and sells no more than there is to two at a time', async () => {
    const key = randomUUID();
    const first = await shop.place({ key });
    expect(await shop.place({ key })).to.equal(first);
    // 10,000 of each are in stock.
    const ids = await Promise.all(
      Array.from({ length: 8 }, () => shop.place({ sku: 'STOOL-MILKING', quantity: 3000 })),
    );
    const ends = await Promise.all(
      ids.map((id) =>
        until(
          'it ends',
          async () => {
            const { status } = await shop.order(id);
            return status === 'SHIPPED' || status === 'CANCELLED' ? status : undefined;
          },
          30_000,
        ),
      ),
    );
    expect(ends.filter((status) => status === 'SHIPPED').length).to.equal(3);
    const [stool] = await until('the stock is taken out', async () => {
      const levels = await rows<{ on_hand: number; reserved: number; shipped: number }>(
        "select on_hand, reserved, shipped from stock_levels where sku = 'STOOL-MILKING' and reserved = 0",
      );
      return levels.length > 0 ? levels : undefined;
    });
    expect(stool).to.deep.equal({ on_hand: 1000, reserved: 0, shipped: 9000 });
  });

  it('sells each storefront what is its own: one’s last piece and no more, while the other has plenty of the SKU', async () => {
    const second = new Storefront(deployment, (await createStorefront(deployment.database.database, 'Second')).key);
    await shop.receive('KEG', 100, 500);
    await second.receive('KEG', 5, 999);
    const order = async (of: Storefront) => {
      const id = await of.place({ sku: 'KEG' });
      const status = await until('it ends', async () => {
        const seen = await of.order(id);
        return seen.status === 'SHIPPED' || seen.status === 'CANCELLED' ? seen : undefined;
      });
      return { id, ...status };
    };
    const [ours, theirs] = await Promise.all(
      [shop, second].map((of) => Promise.all(Array.from({ length: 8 }, () => order(of)))),
    );
    const reasons = (orders = [] as Awaited<ReturnType<typeof order>>[]) =>
      orders.map(({ status, cancelReason }) => cancelReason ?? status).sort();
    expect(reasons(ours)).to.deep.equal(Array.from({ length: 8 }, () => 'SHIPPED'));
    expect(reasons(theirs)).to.deep.equal([
      ...Array.from({ length: 5 }, () => 'SHIPPED'),
      ...Array.from({ length: 3 }, () => 'out-of-stock'),
    ]);
    for (const { id, status } of theirs ?? [])
      expect((await books(id)).captured).to.equal(status === 'SHIPPED' ? 999 : 0);
    const levels = await until('the stock is taken out', async () => {
      const found = await rows<{ on_hand: number; reserved: number; shipped: number }>(
        "select on_hand, reserved, shipped from stock_levels where sku = 'KEG' order by on_hand",
      );
      return found.every(({ reserved }) => reserved === 0) ? found : undefined;
    });
    expect(levels).to.deep.equal([
      { on_hand: 0, reserved: 0, shipped: 5 },
      { on_hand: 92, reserved: 0, shipped: 8 },
    ]);
  });

  it('ends with nothing left over, and the payment token nowhere but where it was handed in', async () => {
    const token = `tok_secret_${randomUUID()}`;
    const id = await shop.place({ token });
    await shop.reached(id, 'CANCELLED');
    await until('the outbox is empty', async () => (await rows('select 1 from outbox')).length === 0);
    expect(await rows('select 1 from payments where token is not null or sealed_token is not null')).to.deep.equal([]);
    expect(await rows('select 1 from event_log where payload::text like $1', `%${token}%`)).to.deep.equal([]);
    expect(deployment.output()).not.to.include(token);
    expect(await rows('select actor, error_message from dead_letters')).to.deep.equal([]);
  });
});
