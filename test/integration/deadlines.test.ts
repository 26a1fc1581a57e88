import { expect } from 'chai';
import { Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const WILLOW = 3400;

describe('the deadlines of an order, on real servers and the sandbox', function () {
  this.timeout(90_000);
  let deployment: Deployment;
  let shop: Storefront;

  before(async () => {
    deployment = await Deployment.start({
      processes: [['orders', 'payment', 'email'], ['inventory'], ['relay', 'dead-letters', 'scheduler'], ['shipping']],
      environment: { PAYMENT_DEADLINE_S: '2', CONFIRMATION_DEADLINE_S: '3', SHIPPING_DEADLINE_S: '3' },
    });
    shop = new Storefront(deployment);
  });
  after(() => deployment.stop());

  const books = async (orderId: string): Promise<unknown> => {
    const answer = await fetch(`${deployment.providerUrl}/payments?orderId=${orderId}`, {
      headers: { authorization: 'Bearer sandbox-provider-key' },
    });
    const { held, captured, refunded } = (await answer.json()) as Record<string, unknown>;
    return { held, captured, refunded };
  };
  const process = (name: string) => {
    const found = deployment.running.findLast((deployed) => deployed.name.endsWith(name));
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  };
  const timersOf = async (orderId: string): Promise<string[]> =>
    (
      await deployment.database.database.query<{ type: string }>({
        text: 'select type from timers where correlation_id = $1',
        values: [orderId],
      })
    ).rows.map(({ type }) => type);

  it('are met by an order that goes its way, and leave nothing on the clock', async () => {
    const id = await shop.place();
    await shop.reached(id, 'SHIPPED');
    await until('no timer is left', async () => (await timersOf(id)).length === 0);
  });

  it('cancel what is not paid for in time, and hold nothing', async () => {
    const id = await shop.place({ token: 'tok_hang' });
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('payment-overdue');
    expect(order.reservation?.status).to.equal('released');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 0, refunded: 0 });
    expect(await timersOf(id)).to.deep.equal([]);
  });

  it('cancel what is not set aside in time; a reservation that comes later is not made', async () => {
    await deployment.end(process('inventory'), 'SIGKILL');
    const id = await shop.place();
    await until('it is being cancelled', async () => (await shop.order(id)).status === 'CANCELLING');
    await deployment.startWorkers(['inventory']);
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('confirmation-overdue');
    expect(order.payment.status).to.equal('voided');
    expect(await books(id)).to.deep.equal({ held: 0, captured: 0, refunded: 0 });
  });

  it('pay back what is not shipped in time', async () => {
    await deployment.end(process('shipping'), 'SIGTERM');
    const severed = await deployment.startWorkers(['shipping'], { CARRIER_URL: 'http://127.0.0.1:1' });
    const id = await shop.place();
    await until('the parcel is not to leave', async () => (await shop.order(id)).shipment?.status === 'cancelling');
    // What the carrier may have is not paid back before it has been asked.
    await deployment.end(severed, 'SIGTERM');
    await deployment.startWorkers(['shipping']);
    const order = await shop.reached(id, 'CANCELLED');
    expect(order.cancelReason).to.equal('shipment-overdue');
    expect(order.payment.status).to.equal('refunded');
    expect(order.reservation?.status).to.equal('released');
    expect(await books(id)).to.deep.equal({ held: 0, captured: WILLOW, refunded: WILLOW });
  });
});
