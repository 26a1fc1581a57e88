import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Running } from '../../sandbox/lifecycle.js';
import { startProvider } from '../../sandbox/provider/provider.js';
import { withFolder } from '../../sandbox/support/folder.js';
import { TransientError } from '../../shared/actors/errors.js';
import { IdempotentApi } from '../../shared/http/idempotent-api.js';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderReady } from '../../workers/orders/messages.js';
import { HttpPaymentGateway } from '../../workers/payment/http-payment-gateway.js';
import { PaymentAuthorized, PaymentCaptured, PaymentRefunded, PaymentVoided } from '../../workers/payment/messages.js';
import { PaymentActor } from '../../workers/payment/payment.actor.js';
import { Payments } from '../../workers/payment/payment.state.js';
import { HttpCarrier } from '../../workers/shipping/http-carrier.js';
import { CancelShipment, OrderShipped, ShipmentCancelled, TakeParcelBack } from '../../workers/shipping/messages.js';
import { ShippingActor } from '../../workers/shipping/shipping.actor.js';
import { ActorHarness } from '../support/actor-harness.js';
import { testKeyring } from '../support/keyring.js';
import { lines, paymentOf, placed } from '../support/sample-order.js';
import { failureOf } from '../support/scripted-http.js';
import { sturdyProvider } from '../support/sturdy-provider.js';
import { until } from '../support/until.js';

const LOSSES = {
  errorAfterRate: 'answers 500',
  resetAfterRate: 'breaks the connection',
  hangAfterRate: 'never answers',
} as const;

const { customer, shippingAddress, total } = placed;

/** The actors of one order on the sandbox, which is told to do what it is asked and lose the answer. */
class LossyWorld {
  readonly orderId = randomUUID();
  readonly payment: ActorHarness;
  readonly shipping: ActorHarness;
  readonly #provider: Running;

  constructor(provider: Running, api: IdempotentApi) {
    this.#provider = provider;
    this.payment = new ActorHarness(new PaymentActor(new HttpPaymentGateway(api), testKeyring));
    this.payment.given(Payments, this.orderId, paymentOf(this.orderId, 'tok_ok'));
    this.shipping = new ActorHarness(new ShippingActor(new HttpCarrier(api)));
  }

  /** The messages of this order. */
  get messages() {
    const { orderId } = this;
    return {
      placed: { ...placed, orderId },
      confirmed: { orderId, customer, lines: placed.lines, total },
      cancelled: { orderId, reason: 'customer' as const, customer, lines },
      ready: { orderId, customer, shippingAddress, lines },
    };
  }

  /** The one attempt that is made comes to an end that nobody knows. */
  async lost<C extends Contract>(actor: ActorHarness, contract: C, payload: Payload<C>): Promise<void> {
    expect(await failureOf(actor.when(contract, payload))).to.be.instanceOf(TransientError);
  }

  /** As the retry ladder does: names of what was published when an attempt has succeeded, after at least one that failed. */
  async inTheEnd<C extends Contract>(actor: ActorHarness, contract: C, payload: Payload<C>): Promise<string[]> {
    await this.lost(actor, contract, payload);
    return this.atLast(actor, contract, payload);
  }

  async atLast<C extends Contract>(actor: ActorHarness, contract: C, payload: Payload<C>): Promise<string[]> {
    const published = await until('an attempt succeeds', () =>
      actor.when(contract, payload).catch((error) => {
        if (error instanceof TransientError) return undefined;
        throw error;
      }),
    );
    return published.map(({ type }) => type);
  }

  /** What the provider did for the order, by its own ledger. */
  async done(): Promise<string[]> {
    const text = await (await fetch(`${this.#provider.url}/ledger`)).text();
    const entries = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    return entries.filter(({ orderId }) => orderId === this.orderId).map(({ kind }) => kind);
  }
}

async function withLosses(loss: string, use: (world: LossyWorld) => Promise<void>): Promise<void> {
  await withFolder(async (directory) => {
    const keys = { paymentApiKey: 'key', carrierApiKey: 'key' };
    const provider = await startProvider({ port: 0, directory, latencyMs: 0, errorRate: 0, ...keys });
    await fetch(`${provider.url}/settings`, { method: 'PUT', body: JSON.stringify({ [loss]: 1 }) });
    const options = { timeoutMs: 300, connections: 10, provider: sturdyProvider() };
    const api = new IdempotentApi({ name: 'provider', url: provider.url, apiKey: 'key', ...options });
    await use(new LossyWorld(provider, api)).finally(async () => {
      await api.close();
      await provider.stop();
    });
  });
}

for (const [loss, what] of Object.entries(LOSSES)) {
  describe(`when the provider does what it is asked and ${what}`, () => {
    it('an order is held, charged and paid back once each', () =>
      withLosses(loss, async (world) => {
        const { payment, messages } = world;
        expect(await world.inTheEnd(payment, OrderPlaced, messages.placed)).to.deep.equal([PaymentAuthorized.name]);
        expect(await world.inTheEnd(payment, OrderConfirmed, messages.confirmed)).to.deep.equal([PaymentCaptured.name]);
        expect(await world.inTheEnd(payment, OrderCancelled, messages.cancelled)).to.deep.equal([PaymentRefunded.name]);
        expect(await world.done()).to.deep.equal(['authorized', 'captured', 'refunded']);
      }));

    it('what is held for an order is given up once', () =>
      withLosses(loss, async (world) => {
        const { payment, messages } = world;
        await world.inTheEnd(payment, OrderPlaced, messages.placed);
        expect(await world.inTheEnd(payment, OrderCancelled, messages.cancelled)).to.deep.equal([PaymentVoided.name]);
        expect(await world.done()).to.deep.equal(['authorized', 'voided']);
      }));

    it('an order has one label', () =>
      withLosses(loss, async (world) => {
        const { shipping, messages } = world;
        expect(await world.inTheEnd(shipping, OrderReady, messages.ready)).to.deep.equal([OrderShipped.name]);
        expect(await world.done()).to.deep.equal(['labelled']);
      }));

    it('an order whose authorization nobody heard of again is voided before that is said', () =>
      withLosses(loss, async (world) => {
        const { payment, messages } = world;
        await world.lost(payment, OrderPlaced, messages.placed);
        expect(await world.inTheEnd(payment, OrderCancelled, messages.cancelled)).to.deep.equal([PaymentVoided.name]);
        expect(await world.done()).to.deep.equal(['authorized', 'voided']);
        expect(await world.atLast(payment, OrderPlaced, messages.placed)).to.deep.equal([]);
        expect(await world.done()).to.deep.equal(['authorized', 'voided']);
      }));

    it('an order whose charge nobody heard of again is paid back', () =>
      withLosses(loss, async (world) => {
        const { payment, messages } = world;
        await world.inTheEnd(payment, OrderPlaced, messages.placed);
        await world.lost(payment, OrderConfirmed, messages.confirmed);
        expect(await world.inTheEnd(payment, OrderCancelled, messages.cancelled)).to.deep.equal([PaymentRefunded.name]);
        expect(await world.atLast(payment, OrderConfirmed, messages.confirmed)).to.deep.equal([]);
        expect(await world.done()).to.deep.equal(['authorized', 'captured', 'refunded']);
      }));

    it('a label that nobody heard of is taken back before the shipment is said to be cancelled', () =>
      withLosses(loss, async (world) => {
        const { shipping, messages, orderId } = world;
        await world.lost(shipping, OrderReady, messages.ready);
        expect(await world.atLast(shipping, CancelShipment, { orderId })).to.deep.equal([TakeParcelBack.name]);
        expect(await world.inTheEnd(shipping, TakeParcelBack, { orderId })).to.deep.equal([ShipmentCancelled.name]);
        expect(await world.done()).to.deep.equal(['labelled', 'label_cancelled']);
        expect(await world.atLast(shipping, OrderReady, messages.ready)).to.deep.equal([]);
        expect(await world.done()).to.deep.equal(['labelled', 'label_cancelled']);
      }));
  });
}
