import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Running } from '../../sandbox/lifecycle.js';
import { startMailSink } from '../../sandbox/mail-sink/mail-sink.js';
import { startProvider } from '../../sandbox/provider/provider.js';
import { withFolder } from '../../sandbox/support/folder.js';
import { TransientError } from '../../shared/actors/errors.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import { confirmedMail } from '../../workers/email/mails.js';
import { SmtpMailer } from '../../workers/email/smtp-mailer.js';
import { HttpPaymentGateway } from '../../workers/payment/http-payment-gateway.js';
import { HttpCarrier } from '../../workers/shipping/http-carrier.js';
import { lines, ORDER_ID, placed } from '../support/sample-order.js';
import { failureOf } from '../support/scripted-http.js';
import { sturdyProvider } from '../support/sturdy-provider.js';
import { until } from '../support/until.js';

const amount = placed.total;

async function withProvider(use: (provider: Running, api: IdempotentApi) => Promise<void>): Promise<void> {
  await withFolder(async (directory) => {
    const keys = { paymentApiKey: 'key', carrierApiKey: 'key' };
    const provider = await startProvider({ port: 0, directory, latencyMs: 0, errorRate: 0, ...keys });
    const options = { timeoutMs: 300, connections: 10, provider: sturdyProvider() };
    const api = new IdempotentApi({ name: 'provider', url: provider.url, apiKey: 'key', ...options });
    await use(provider, api).finally(async () => {
      await api.close();
      await provider.stop();
    });
  });
}

/** The ledger's entries of the order, as kinds. */
async function ledgerOf({ url }: Running, orderId: string): Promise<string[]> {
  const text = await (await fetch(`${url}/ledger`)).text();
  const entries = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return entries.filter((entry) => entry.orderId === orderId).map(({ kind }) => kind);
}

async function underWay({ url }: Running, orderId: string): Promise<true | undefined> {
  const answer = await fetch(`${url}/payments?orderId=${orderId}`, { headers: { authorization: 'Bearer key' } });
  const { inFlight } = (await answer.json()) as { inFlight: number };
  return inFlight > 0 ? true : undefined;
}

/** Repeats what is unclear, as the retry ladder does. */
function persist<T>(attempt: () => Promise<T>): Promise<T> {
  return until('a clear answer', () =>
    attempt().catch((error) => {
      if (error instanceof TransientError) return undefined;
      throw error;
    }),
  );
}

describe('the adapters on the sandbox', () => {
  const signal = new AbortController().signal;

  it('hold, charge and pay back once each, also when every second answer is a 500', async () => {
    await withProvider(async (provider, api) => {
      await fetch(`${provider.url}/settings`, { method: 'PUT', body: JSON.stringify({ errorRate: 0.5, seed: 7 }) });
      const gateway = new HttpPaymentGateway(api);
      const order = { orderId: randomUUID(), amount };
      const call = (step: string) => ({ idempotencyKey: `${order.orderId}:${step}`, signal });
      const { kind } = await persist(() => gateway.authorize({ ...order, token: 'tok_ok' }, call('authorize')));
      expect(kind).to.equal('authorized');
      expect(await persist(() => gateway.capture(order, call('capture')))).to.deep.equal({ kind: 'captured' });
      expect(await persist(() => gateway.void(order, call('void')))).to.deep.equal({ kind: 'nothing-held' });
      expect(await persist(() => gateway.refund(order, call('refund')))).to.deep.equal({ kind: 'refunded' });
      expect(await persist(() => gateway.refund(order, call('refund')))).to.deep.equal({ kind: 'refunded' });
      expect(await ledgerOf(provider, order.orderId)).to.deep.equal(['authorized', 'captured', 'refunded']);
    });
  });

  it('give up an authorization that was still under way when they were first asked to', async () => {
    await withProvider(async (provider, api) => {
      const gateway = new HttpPaymentGateway(api);
      const order = { orderId: randomUUID(), amount };
      const call = (step: string) => ({ idempotencyKey: `${order.orderId}:${step}`, signal });
      await fetch(`${provider.url}/settings`, { method: 'PUT', body: JSON.stringify({ slowMs: 400 }) });
      const dying = new AbortController();
      const slow = gateway.authorize({ ...order, token: 'tok_slow' }, { ...call('authorize'), signal: dying.signal });
      await until('it is under way', () => underWay(provider, order.orderId));
      dying.abort();
      expect(await failureOf(slow)).to.be.instanceOf(TransientError);
      expect(await failureOf(gateway.void(order, call('void')))).to.be.instanceOf(TransientError);
      expect(await persist(() => gateway.void(order, call('void')))).to.deep.equal({ kind: 'voided' });
      expect(await ledgerOf(provider, order.orderId)).to.deep.equal(['authorized', 'voided']);
    });
  });

  it('void what is held although nothing was when the same step was tried before', async () => {
    await withProvider(async (provider, api) => {
      const gateway = new HttpPaymentGateway(api);
      const order = { orderId: randomUUID(), amount };
      const call = (step: string) => ({ idempotencyKey: `${order.orderId}:${step}`, signal });
      expect(await gateway.void(order, call('void'))).to.deep.equal({ kind: 'nothing-held' });
      expect(await gateway.refund(order, call('refund'))).to.deep.equal({ kind: 'nothing-captured' });
      await gateway.authorize({ ...order, token: 'tok_ok' }, call('authorize'));
      expect(await gateway.void(order, call('void'))).to.deep.equal({ kind: 'voided' });
      const refusal = await gateway.capture(order, call('capture'));
      expect(refusal.kind).to.equal('declined');
      expect(await ledgerOf(provider, order.orderId)).to.deep.equal(['authorized', 'voided', 'payment_refused']);
    });
  });

  it('wait no longer than they may for a provider that never answers, and can cancel all the same', async () => {
    await withProvider(async (_provider, api) => {
      const gateway = new HttpPaymentGateway(api);
      const order = { orderId: randomUUID(), amount };
      const call = (step: string) => ({ idempotencyKey: `${order.orderId}:${step}`, signal });
      const hanging = gateway.authorize({ ...order, token: 'tok_hang' }, call('authorize'));
      expect(await failureOf(hanging)).to.be.instanceOf(TransientError);
      expect(await persist(() => gateway.void(order, call('void')))).to.deep.equal({ kind: 'nothing-held' });
    });
  });

  it('say why a payment is declined', async () => {
    await withProvider(async (_provider, api) => {
      const gateway = new HttpPaymentGateway(api);
      const order = { orderId: randomUUID(), amount, token: 'tok_declined' };
      expect(await gateway.authorize(order, { idempotencyKey: 'key', signal })).to.deep.equal({
        kind: 'declined',
        reason: 'insufficient_funds',
      });
    });
  });

  it('ship once, and take back what was shipped', async () => {
    await withProvider(async (provider, api) => {
      const carrier = new HttpCarrier(api);
      const parcel = { orderId: randomUUID(), address: placed.shippingAddress, lines };
      await carrier.cancel(parcel.orderId, { idempotencyKey: 'cancel', signal });
      const shipped = await carrier.ship(parcel, { idempotencyKey: 'ship', signal });
      expect(shipped.kind).to.equal('shipped');
      expect(await carrier.ship(parcel, { idempotencyKey: 'ship', signal })).to.deep.equal(shipped);
      await carrier.cancel(parcel.orderId, { idempotencyKey: 'cancel', signal });
      expect(await ledgerOf(provider, parcel.orderId)).to.deep.equal(['labelled', 'label_cancelled']);
    });
  });

  it('send a mail that the sink can tell by order and occasion', async () => {
    await withFolder(async (directory) => {
      const sink = await startMailSink({ smtpPort: 0, httpPort: 0, directory });
      const from = { name: 'The Shop', address: 'orders@shop.example' };
      const options = { connections: 1, timeoutMs: 5_000, provider: sturdyProvider() };
      const mailer = new SmtpMailer({ url: sink.smtpUrl ?? '', from, ...options });
      const { customer } = placed;
      const name = 'Zoë 山田';
      await mailer.send(
        confirmedMail({ orderId: ORDER_ID, lines: placed.lines, total: amount }, { ...customer, name }),
        signal,
      );
      const list = await fetch(`${sink.url}/messages?orderId=${ORDER_ID}`);
      const { items } = (await list.json()) as { items: { n: number; occasion: string; to: string[] }[] };
      expect(items.map(({ occasion, to }) => ({ occasion, to }))).to.deep.equal([
        { occasion: 'confirmed', to: [customer.email] },
      ]);
      const mail = await fetch(`${sink.url}/messages/${items[0]?.n}`);
      const { text, html } = (await mail.json()) as { text: string; html: string };
      expect(text).to.include(`Hello ${name},`).and.include('2 × mug at £4.50');
      expect(html).to.include(`<p>Hello ${name},</p>`);
      await mailer.close();
      await sink.stop();
    });
  });
});
