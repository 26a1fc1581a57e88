import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { TransientError } from '../../shared/actors/errors.js';
import type { Call } from '../../shared/http/idempotent-api.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { ActorHarness, message } from '../../test/support/actor-harness.js';
import { testKeyring } from '../../test/support/keyring.js';
import { lines, ORDER_ID, paymentOf, placed, requestedPayment, TOKEN } from '../../test/support/sample-order.js';
import { failureOf } from '../../test/support/scripted-http.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced } from '../orders/messages.js';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentCaptureRefused,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from './messages.js';
import { PaymentActor } from './payment.actor.js';
import { type Payment, Payments } from './payment.state.js';
import { PaymentGateway } from './payment-gateway.js';

const orderId = ORDER_ID;
const { customer, total } = placed;
const confirmed: OrderConfirmed = { orderId, customer, lines: placed.lines, total };
const cancelled: OrderCancelled = { orderId, reason: 'customer', customer, lines };
const authorized: Payment = {
  ...requestedPayment,
  status: 'authorized',
  sealedToken: null,
  token: null,
  authorizationId: 'auth_1',
};

describe('payment', () => {
  let asked: string[];
  let tokens: string[];
  let answers: { [Step in keyof PaymentGateway]: () => ReturnType<PaymentGateway[Step]> };
  let payment: ActorHarness;

  beforeEach(() => {
    asked = [];
    tokens = [];
    answers = {
      authorize: async () => ({ kind: 'authorized', authorizationId: 'auth_1' }),
      capture: async () => ({ kind: 'captured' }),
      void: async () => ({ kind: 'voided' }),
      refund: async () => ({ kind: 'refunded' }),
    };
    const gateway: PaymentGateway = {
      authorize: ({ token }, call) => {
        tokens.push(token);
        return ask('authorize', call);
      },
      capture: (_order, call) => ask('capture', call),
      void: (_order, call) => ask('void', call),
      refund: (_order, call) => ask('refund', call),
    };
    const scope = container
      .createChildContainer()
      .registerInstance<PaymentGateway>(PaymentGateway, gateway)
      .registerInstance(Keyring, testKeyring);
    payment = new ActorHarness(scope.resolve(PaymentActor)).given(Payments, orderId, requestedPayment);
  });
  function ask<Step extends keyof PaymentGateway>(step: Step, { idempotencyKey }: Call) {
    asked.push(`${step} ${idempotencyKey.replace(orderId, 'order')}`);
    return answers[step]();
  }
  const stored = () => payment.valueOf(Payments, orderId);

  it('holds the total of an order, and forgets the token', async () => {
    expect(await payment.when(OrderPlaced, placed)).to.deep.equal([
      message(PaymentAuthorized, { orderId, amount: total, authorizationId: 'auth_1' }),
    ]);
    expect(stored()).to.deep.equal(authorized);
    expect(asked).to.deep.equal(['authorize order:authorize']);
  });

  it('says why a payment was declined, and forgets the token', async () => {
    answers.authorize = async () => ({ kind: 'declined', reason: 'insufficient funds' });
    expect(await payment.when(OrderPlaced, placed)).to.deep.equal([
      message(PaymentDeclined, { orderId, reason: 'insufficient funds' }),
    ]);
    expect(stored()).to.include({ status: 'declined', sealedToken: null, token: null });
  });

  it('asks again under the same key when the outcome is unknown, and keeps the token for it', async () => {
    const answer = answers.authorize;
    answers.authorize = () => Promise.reject(new TransientError('payment.unavailable', 'no answer'));
    await payment.when(OrderPlaced, placed).catch(() => undefined);
    expect(stored()).to.deep.equal(requestedPayment);
    answers.authorize = answer;
    await payment.when(OrderPlaced, placed);
    expect(asked).to.deep.equal(['authorize order:authorize', 'authorize order:authorize']);
  });

  it('opens the token for the provider alone, and takes one that the release before stored plain', async () => {
    await payment.when(OrderPlaced, placed);
    payment.given(Payments, orderId, {
      ...requestedPayment,
      status: 'requested',
      sealedToken: null,
      token: 'tok_plain',
    });
    await payment.when(OrderPlaced, placed);
    expect(tokens).to.deep.equal([TOKEN, 'tok_plain']);
  });

  it('asks the provider nothing with the token of another order, or without the key that sealed it', async () => {
    const other = { ...requestedPayment, ...paymentOf('01938f00-0000-7000-8000-000000000002') };
    payment.given(Payments, orderId, other);
    expect(await failureOf(payment.when(OrderPlaced, placed))).to.include({ code: 'secret.unreadable' });
    const later = new Keyring([{ id: 'later', secret: randomBytes(32) }]);
    const without = new ActorHarness(new PaymentActor({} as PaymentGateway, later));
    without.given(Payments, orderId, requestedPayment);
    expect(await failureOf(without.when(OrderPlaced, placed))).to.include({ code: 'secret.key-missing' });
    expect(asked).to.deep.equal([]);
  });

  it('charges what is held when the order is confirmed, once', async () => {
    payment.given(Payments, orderId, authorized);
    expect(await payment.when(OrderConfirmed, confirmed)).to.deep.equal([
      message(PaymentCaptured, { orderId, amount: total }),
    ]);
    expect(await payment.when(OrderConfirmed, confirmed)).to.deep.equal([]);
    expect(asked).to.deep.equal(['capture order:capture']);
  });

  it('says so when what is held cannot be charged, and then gives it up', async () => {
    payment.given(Payments, orderId, authorized);
    answers.capture = async () => ({ kind: 'declined', reason: 'expired' });
    expect(await payment.when(OrderConfirmed, confirmed)).to.deep.equal([
      message(PaymentCaptureRefused, { orderId, reason: 'expired' }),
    ]);
    expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([message(PaymentVoided, { orderId })]);
  });

  it('never charges before the total is held', async () => {
    const error = await payment.when(OrderConfirmed, confirmed).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'payment.not-authorized' });
    expect(asked).to.deep.equal([]);
  });

  it('gives up what is held when the order is cancelled, and charges nothing afterwards', async () => {
    payment.given(Payments, orderId, authorized);
    expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([message(PaymentVoided, { orderId })]);
    expect(await payment.when(OrderConfirmed, confirmed)).to.deep.equal([]);
    expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([]);
    expect(asked).to.deep.equal(['void order:giveBack:void']);
  });

  it('pays back what the provider charged, also when we do not know yet that it did', async () => {
    for (const status of ['captured', 'authorized'] as const) {
      asked = [];
      payment.given(Payments, orderId, { ...authorized, status });
      answers.void = async () => ({ kind: 'nothing-held' });
      expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([
        message(PaymentRefunded, { orderId, amount: total }),
      ]);
      expect(asked).to.deep.equal(['void order:giveBack:void', 'refund order:giveBack:refund']);
    }
  });

  it('gives up what a late attempt may have come to hold for a cancelled order, and says nothing more', async () => {
    answers.void = async () => ({ kind: 'nothing-held' });
    answers.refund = async () => ({ kind: 'nothing-captured' });
    expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([message(PaymentVoided, { orderId })]);
    expect(stored()).to.include({ sealedToken: null, token: null });
    asked = [];
    expect(await payment.when(OrderPlaced, placed)).to.deep.equal([]);
    expect(asked).to.deep.equal(['void order:authorize:undone']);
  });

  it('has nothing to give back of a declined payment', async () => {
    payment.given(Payments, orderId, { ...requestedPayment, status: 'declined', sealedToken: null, token: null });
    expect(await payment.when(OrderCancelled, cancelled)).to.deep.equal([]);
    expect(asked).to.deep.equal([]);
  });

  it('waits a bounded time for a payment that nobody has stored', async () => {
    const unknown = new ActorHarness(new PaymentActor({} as PaymentGateway, testKeyring));
    const error = await unknown.when(OrderPlaced, placed).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'order.unknown', maxAttempts: 6 });
  });
});
