import { expect } from 'chai';
import type { Explanation } from '../../api/operators/explanation/explain.js';
import type { OrderMessage } from '../../api/operators/orders/order-messages.js';
import type { FleetStatus } from '../../api/operators/status/status.js';
import type { Verdict } from '../../api/operators/status/verdict.js';
import { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const OTHERS = ['inventory', 'orders', 'shipping', 'email', 'webhooks', 'relay', 'scheduler', 'dead-letters'];

describe('an operator, of a fleet at work', () => {
  let fleet: Deployment;
  let shop: Storefront;

  before(async function () {
    this.timeout(120_000);
    fleet = await Deployment.start({ processes: [OTHERS], environment: { PAYMENT_CIRCUIT_FAILURES: '1' } });
    shop = new Storefront(fleet);
  });
  after(() => fleet.stop());

  const explained = async (order: string): Promise<Explanation> =>
    // What the route answers with.
    (await operate(fleet.url, 'GET', `/orders/${order}/explanation`)).body as unknown as Explanation;
  const status = async (): Promise<FleetStatus & Verdict> =>
    (await operate(fleet.url, 'GET', '/status')).body as unknown as FleetStatus & Verdict;

  it('is told which worker an order waits for, then that the provider is ill, then that all is done', async () => {
    const order = await shop.place();
    const waiting = await until('only payment is waited for', async () => {
      const { waits, ...rest } = await explained(order);
      return waits.length === 1 && waits[0]?.kind === 'no-consumer' ? { waits, ...rest } : undefined;
    });
    expect(waiting.waits[0]).to.deep.include({ actor: 'payment' });
    expect(waiting.waits[0]?.message?.type).to.equal('orders.order-placed');
    expect(waiting.unblock.command).to.equal('node dist/workers/start.js payment');
    expect(waiting.nextDeadline?.type).to.equal('orders.enforce-payment-deadline');
    const ill = await status();
    expect(ill.well).to.equal(false);
    expect(ill.reasons.map(({ code }) => code)).to.include('actor.no-consumer');
    expect(ill.actors.find(({ actor }) => actor === 'payment')).to.include({ consumers: 0 });
    expect(ill.orders.byStatus).to.deep.equal({ INITIATED: 1 });

    const alone = fleet.spawn('workers/start.js', ['payment'], { PAYMENT_URL: 'http://127.0.0.1:1' });
    const paused = await until('payment pauses', async () => {
      const { waits } = await explained(order);
      return waits[0]?.kind === 'provider' ? waits[0] : undefined;
    });
    expect(paused.says).to.include('payment provider');
    expect((await status()).reasons.map(({ code }) => code)).to.include('provider.ill');

    await fleet.end(alone, 'SIGTERM');
    await fleet.startWorkers(['payment']);
    await shop.reached(order, 'SHIPPED', 60_000);
    const done = await until('all is handled', async () => {
      const explanation = await explained(order);
      return explanation.done ? explanation : undefined;
    });
    expect(done).to.deep.include({ waits: [], nextDeadline: null, status: 'SHIPPED' });
  });

  it('finds orders by status, reference, e-mail, SKU and age, and shows them whoever placed them', async () => {
    const order = await shop.place({ sku: 'HAT-FELT' });
    await shop.reached(order, 'SHIPPED');
    const found = async (query: string): Promise<unknown[]> => {
      const { status, body } = await operate(fleet.url, 'GET', `/orders?${query}`);
      expect(status, query).to.equal(200);
      return (body['items'] as { readonly id: string }[]).map(({ id }) => id);
    };
    expect(await found('sku=HAT-FELT')).to.deep.equal([order]);
    expect(await found('sku=HAT-FELT&status=SHIPPED')).to.deep.equal([order]);
    expect(await found('sku=HAT-FELT&status=PAID')).to.deep.equal([]);
    expect(await found('email=ADA@example.com')).to.include(order);
    expect(await found('reference=nobody')).to.deep.equal([]);
    expect(await found('olderThan=1h')).to.deep.equal([]);
    const { body } = await operate(fleet.url, 'GET', `/orders/${order}`);
    expect(body).to.include({ orderId: order, status: 'SHIPPED' });
    const declined = await shop.place({ token: 'tok_declined' });
    await shop.reached(declined, 'CANCELLED');
    expect(await found('reason=payment-declined')).to.deep.equal([declined]);
    for (const path of ['/orders?olderThan=soon', '/orders?reason=weather', '/orders?status=LOST', '/orders?page=2'])
      expect((await operate(fleet.url, 'GET', path)).status, path).to.equal(422);
    for (const path of ['', '/explanation'])
      expect((await operate(fleet.url, 'GET', `/orders/01938f00-0000-7000-8000-000000000001${path}`)).status).to.equal(
        404,
      );
  });

  it('reads all that was said about an order, what followed from what, and who has handled it', async () => {
    const order = await shop.place();
    await shop.reached(order, 'SHIPPED');
    const messages = await until('all is handled', async () => {
      const { body } = await operate(fleet.url, 'GET', `/orders/${order}/messages`);
      // What the route answers with.
      const items = body['items'] as readonly OrderMessage[];
      return items.every(({ boundTo, handledBy }) => boundTo.every((actor) => handledBy.includes(actor)))
        ? items
        : undefined;
    });
    const [placed] = messages;
    expect(placed).to.include({ type: 'orders.order-placed', producer: 'web', causationId: null });
    expect(placed?.payload).to.include({ orderId: order });
    expect(placed?.boundTo).to.include.members(['inventory', 'payment']);
    const reserved = messages.find(({ type }) => type === 'inventory.stock-reserved');
    expect(reserved).to.include({ producer: 'inventory', causationId: placed?.id });
  });
});
