import { expect } from 'chai';
import { v7 } from 'uuid';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { redisContents } from '../../shared/redis/contents.js';
import { manage } from '../support/broker.js';
import { Deployment } from '../support/deployment.js';
import { needed } from '../support/needed.js';
import { operate } from '../support/operator.js';
import { setSandbox } from '../support/sandbox-settings.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const TAP = 'tap';
/** In the customer's and the address' members, and in the token. Nothing else says anything like it. */
const CANARIES = {
  name: 'Zyxwcanary Qvist',
  email: 'zyxwcanary@kanarie.example',
  line1: '77 Zyxwstreet',
  city: 'Zyxwtown',
  postalCode: 'ZX7 7XZ',
};
const NEEDLES = ['Zyxwcanary', 'zyxwcanary', 'Zyxwstreet', 'Zyxwtown', 'ZX7 7XZ', 'kanarie.example'];
const TOKEN = 'tok_zyxwcanary_0815';

describe('who ordered, and where it goes', function () {
  this.timeout(240_000);
  let fleet: Deployment;
  let shop: Storefront;
  let vhost: string;
  const orders: Record<'shipped' | 'declined' | 'cancelled' | 'dead', string> = {
    shipped: '',
    declined: '',
    cancelled: '',
    dead: '',
  };

  before(async () => {
    fleet = await Deployment.start();
    shop = new Storefront(fleet);
    vhost = decodeURIComponent(new URL(fleet.brokerUrl).pathname.slice(1));
    await tapAll();
    const person = {
      customer: { name: CANARIES.name, email: CANARIES.email },
      shippingAddress: {
        line1: CANARIES.line1,
        city: CANARIES.city,
        postalCode: CANARIES.postalCode,
        country: 'SE',
      },
    };
    await setSandbox(fleet.sinkUrl, { rejectRate: 1 });
    orders.shipped = await shop.place({ ...person });
    orders.declined = await shop.place({ ...person, token: TOKEN });
    orders.cancelled = await shop.place({ ...person });
    await shop.cancel(orders.cancelled);
    await until('a mail was refused, and is tried again', () => fleet.output().includes('failed; trying again'));
    await setSandbox(fleet.sinkUrl, { rejectRate: 0 });
    await shop.reached(orders.shipped, 'SHIPPED');
    await shop.reached(orders.declined, 'CANCELLED');
    await until('every mail is filed', async () => (await rows('select 1 from emails')).length >= 4);
    // Behind it the mails of its order would wait.
    orders.dead = await deadLetter(orders.shipped);
    await until('the outbox is empty', async () => (await rows('select 1 from outbox')).length === 0);
  });
  after(() => fleet?.stop());

  const rows = async <R extends object>(text: string, ...values: unknown[]): Promise<R[]> =>
    (await fleet.database.database.query<R>({ text, values })).rows;
  const call = (method: string, path: string, body?: unknown) => operate(fleet.url, method, path, body);
  const erase = (order: string) => call('POST', `/orders/${order}/erase`, { reason: 'they asked for it' });

  /** A queue that gets a copy of whatever is published to any exchange. */
  async function tapAll(): Promise<void> {
    const at = encodeURIComponent(vhost);
    await manage('PUT', `/api/queues/${at}/${TAP}`, { durable: false, arguments: {} });
    const exchanges = (await manage('GET', `/api/exchanges/${at}`)) as { name: string; type: string }[];
    const own = exchanges.filter(({ name, type }) => name !== '' && !name.startsWith('amq.') && type !== 'headers');
    expect(own.length).to.be.greaterThan(5);
    for (const { name } of own) {
      await manage('POST', `/api/bindings/${at}/e/${encodeURIComponent(name)}/q/${TAP}`, { routing_key: '#' });
    }
  }

  const tapped = async (): Promise<string[]> => {
    const at = encodeURIComponent(vhost);
    const got = (await manage('POST', `/api/queues/${at}/${TAP}/get`, {
      count: 10_000,
      ackmode: 'ack_requeue_true',
      encoding: 'auto',
    })) as { payload: string; properties: object; routing_key: string }[];
    return got.map((message) => JSON.stringify(message));
  };

  /** A copy of a message in a version that this release does not know: it becomes a letter. */
  async function deadLetter(order: string): Promise<string> {
    const [logged] = await rows<{ payload: object }>(
      `select payload from event_log where correlation_id = $1 and type = 'orders.order-confirmed'`,
      order,
    );
    await manage('POST', `/api/exchanges/${encodeURIComponent(vhost)}/amq.default/publish`, {
      properties: {
        message_id: v7(),
        correlation_id: order,
        type: 'orders.order-confirmed',
        headers: { 'warren-schema-version': 99 },
      },
      routing_key: 'email',
      payload: JSON.stringify(logged?.payload),
      payload_encoding: 'string',
    });
    await until('it is a dead letter', async () => (await rows('select 1 from dead_letters')).length === 1);
    return order;
  }

  /** Tables in which one of the texts stands, plain or as bytes. */
  async function tablesWith(needles: readonly string[]): Promise<string[]> {
    const tables = await rows<{ name: string }>(
      `select quote_ident(relname) as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition`,
    );
    expect(tables.length).to.be.greaterThan(20);
    const wanted = needles.flatMap((needle) => [
      needle,
      Buffer.from(needle).toString('hex'),
      Buffer.from(needle).toString('base64').replace(/=+$/, ''),
    ]);
    const found: string[] = [];
    for (const { name } of tables) {
      const text = `select 1 from ${name} as one, unnest($1::text[]) as needle where position(needle in one::text) > 0 limit 1`;
      if ((await rows(text, wanted)).length > 0) found.push(name);
    }
    return found;
  }

  const all = [...NEEDLES, TOKEN];

  it('stands plain in no table', async () => {
    expect(await tablesWith(all)).to.deep.equal([]);
  });

  it('stands plain in no message', async () => {
    const messages = await tapped();
    expect(messages.filter((message) => message.includes('orders.order-placed'))).to.have.length(3);
    expect(messages.filter((message) => message.includes('"sealed'))).not.to.be.empty;
    expect(messages.filter((message) => all.some((needle) => message.includes(needle)))).to.deep.equal([]);
  });

  it('stands plain in no key of Redis', async () => {
    let seen = 0;
    const found: string[] = [];
    for await (const { key, text } of redisContents(needed('REDIS_URL'))) {
      seen += 1;
      if (all.some((needle) => key.includes(needle) || text.includes(needle))) found.push(key);
    }
    expect(seen).to.be.greaterThan(0);
    expect(found).to.deep.equal([]);
  });

  it('stands plain in no log, although mails were refused and a message was given up', () => {
    const output = fleet.output();
    expect(output).to.include('message.unknown-version').and.include('mail.unavailable');
    expect(output.split('\n').filter((line) => all.some((needle) => line.includes(needle)))).to.deep.equal([]);
  });

  it('is known where it has to be: to the mail server, the storefront, and the operator who looks for it', async () => {
    const mails = (await sinkMails(fleet.sinkUrl)).of(orders.shipped);
    expect(mails.map(({ to }) => to)).to.deep.equal([[CANARIES.email], [CANARIES.email]]);
    const order = (await shop.order(orders.shipped)) as unknown as Record<string, object>;
    expect(order['customer']).to.deep.equal({ name: CANARIES.name, email: CANARIES.email });
    expect(order['shippingAddress']).to.include({ line1: CANARIES.line1, city: CANARIES.city });
    const found = await call('GET', `/orders?email=${encodeURIComponent(CANARIES.email.toUpperCase())}`);
    const items = found.body['items'] as { id: string; email: string }[];
    expect(items.map(({ id }) => id)).to.have.members([orders.shipped, orders.declined, orders.cancelled]);
    expect(items.map(({ email }) => email)).to.deep.equal(Array(3).fill(CANARIES.email));
    expect((await call('GET', '/orders?email=other@kanarie.example')).body['items']).to.deep.equal([]);
  });

  it('is not erased while the order is under way, or while its customer is still to be written to', async () => {
    await setSandbox(fleet.sinkUrl, { rejectRate: 1 });
    await setSandbox(fleet.providerUrl, { errorRate: 1 });
    const waiting = await shop.place();
    expect((await erase(waiting)).body).to.include({ status: 409, code: 'order.under-way' });
    await setSandbox(fleet.providerUrl, { errorRate: 0 });
    await shop.reached(waiting, 'SHIPPED', 60_000);
    expect((await erase(waiting)).body).to.include({ status: 409, code: 'order.mails-unsent' });
    await setSandbox(fleet.sinkUrl, { rejectRate: 0 });
    expect((await erase(v7())).body).to.include({ status: 404, code: 'order.not-found' });
  });

  it('is erased at the end: nobody can open it any more, and what happened stays', async () => {
    const before = await shop.order(orders.shipped);
    const erased = await erase(orders.shipped);
    expect([erased.status, erased.body['message']]).to.deep.equal([200, 'Who ordered and where it went is erased.']);
    expect((await erase(orders.shipped)).body['message']).to.equal('Who ordered and where it went was erased before.');
    expect(await rows('select 1 from order_keys where order_id = $1', orders.shipped)).to.deep.equal([]);
    const [row] = await rows('select customer, customer_digest from orders where id = $1', orders.shipped);
    expect(row).to.deep.equal({ customer: { sealed: 'erased' }, customer_digest: null });

    const after = (await shop.order(orders.shipped)) as unknown as Record<string, unknown>;
    expect(after).to.include({ customer: null, shippingAddress: null, status: 'SHIPPED' });
    expect(after['personsErasedAt']).to.be.a('string');
    expect(after['timeline']).to.deep.equal(before.timeline);
    const found = await call('GET', `/orders?email=${encodeURIComponent(CANARIES.email)}`);
    const items = found.body['items'] as { id: string }[];
    expect(items.map(({ id }) => id)).to.have.members([orders.declined, orders.cancelled]);
    const listed = (await call('GET', '/orders?limit=50')).body['items'] as { id: string; email: string | null }[];
    expect(listed.find(({ id }) => id === orders.shipped)?.email).to.equal(null);
    expect((await call('GET', `/orders/${orders.shipped}/messages`)).status).to.equal(200);
    const resent = await call('POST', `/orders/${orders.shipped}/mails/shipped/resend`, { reason: 'it was lost' });
    expect(resent.body).to.include({ status: 409, code: 'mail.erased' });
    const actions = await call('GET', `/actions?thing=order&thingId=${orders.shipped}`);
    const details = (actions.body['items'] as { details: unknown }[]).map((action) => action.details);
    expect(details).to.have.deep.members([{ isNew: true }, { isNew: false }]);
  });

  it('of a release that stored it plain is erased wherever it stands', async () => {
    const order = orders.declined;
    const plain = { name: CANARIES.name, email: CANARIES.email };
    const payload = JSON.stringify({ orderId: order, customer: plain, about: { customer: plain } });
    await rows(`update orders set customer = $2::jsonb where id = $1`, order, JSON.stringify(plain));
    await rows(
      `update event_log set payload = payload || $2::jsonb where correlation_id = $1 and type = 'orders.order-placed'`,
      order,
      payload,
    );
    await rows(`update dead_letters set correlation_id = $1, body = $2`, order, payload);
    await rows(`update emails set recipient = $2 where id = $1`, `${order}:cancelled`, CANARIES.email);
    expect(await tablesWith(NEEDLES)).to.have.members(['orders', 'event_log', 'dead_letters', 'emails']);
    expect((await erase(order)).status).to.equal(200);
    expect(await tablesWith(NEEDLES)).to.deep.equal([]);
    const [logged] = await rows<{ payload: unknown }>(
      `select payload from event_log where correlation_id = $1 and type = 'orders.order-placed'`,
      order,
    );
    const mark = { sealed: 'erased' };
    expect(logged?.payload).to.deep.include({ orderId: order, customer: mark, about: { customer: mark } });
  });
});
