import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { DEVELOPMENT } from '../../config/environment.js';
import { Deployment } from '../support/deployment.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';

const OTHERS = ['orders', 'inventory', 'payment', 'shipping', 'email', 'relay'];

describe('webhooks of a fleet', function () {
  this.timeout(120_000);
  let deployment: Deployment;
  let receiver: WebhookReceiver;
  let shop: Storefront;
  let secret: string;

  before(async () => {
    receiver = await WebhookReceiver.start();
    deployment = await Deployment.start({
      processes: [OTHERS, ['webhooks']],
      environment: { WEBHOOKS_ALLOW_INSIDE: '1', WEBHOOKS_TIMEOUT_MS: '2000' },
    });
    shop = new Storefront(deployment);
    const response = await fetch(`${deployment.url}/webhooks/endpoints`, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEVELOPMENT.storefrontKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: `${receiver.url}/hooks` }),
    });
    expect(response.status).to.equal(201);
    ({ secret } = (await response.json()) as { secret: string });
    await until('the worker knows of the endpoint', async () => {
      await shop.reached(await shop.place(), 'SHIPPED');
      return receiver.received.length > 0;
    });
  });

  after(async () => {
    await deployment?.stop();
    await receiver.close();
  });

  const toldOf = (orderId: string) =>
    receiver.received
      .map(({ body, headers }) => ({ ...(JSON.parse(body) as Told), id: headers['webhook-id'], body, headers }))
      .filter(({ data }) => data.orderId === orderId);
  interface Told {
    readonly type: string;
    readonly data: { readonly orderId: string; readonly status: string; readonly reason?: string };
  }
  const allTold = (orderId: string, types: readonly string[]) =>
    until(`${orderId} is told of`, () => {
      const told = toldOf(orderId);
      return types.every((type) => told.some((one) => one.type === type)) && told;
    });

  it('tell a storefront what becomes of its orders, signed', async () => {
    const shipped = await shop.place();
    await shop.reached(shipped, 'SHIPPED');
    const cancelled = await shop.place({ token: 'tok_declined' });
    await shop.reached(cancelled, 'CANCELLED');
    for (const { body, headers } of await allTold(shipped, ['order.confirmed', 'order.shipped']))
      new Webhook(secret).verify(body, headers);
    const [why] = await allTold(cancelled, ['order.cancelled']);
    expect(why?.data).to.include({ status: 'CANCELLED', reason: 'payment-declined' });
  });

  it('reach the endpoint after all when their process is killed in the middle of an attempt', async () => {
    receiver.answer('/hooks', () => undefined);
    const orderId = await shop.place();
    const [begun] = await until('an attempt is under way', () => {
      const told = toldOf(orderId);
      return told.length > 0 && told;
    });
    const dying = deployment.running.find(({ name }) => name === 'workers/start.js webhooks');
    if (dying === undefined) throw new Error('no process of webhooks');
    await deployment.end(dying, 'SIGKILL');
    receiver.answer('/hooks', 204);
    await deployment.startWorkers(['webhooks']);
    const again = await until('the attempt is made by another', () => {
      const told = toldOf(orderId).filter(({ id }) => id === begun?.id);
      return told.length > 1 && told;
    });
    expect(new Set(again.map(({ body }) => body)).size).to.equal(1);
    await allTold(orderId, ['order.confirmed', 'order.shipped']);
    const { rows } = await until('all is written down', async () => {
      const found = await deployment.database.database.query<{ status: string; attempts: number }>({
        text: 'select status, attempts from webhook_deliveries where order_id = $1',
        values: [orderId],
      });
      return found.rows.every(({ status }) => status === 'delivered') && found;
    });
    expect(rows).to.have.length(2);
  });
});
