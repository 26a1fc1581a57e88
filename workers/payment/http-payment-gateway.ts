/** Payment over the HTTP API that sandbox/README.md describes. */
import type { Call, IdempotentApi } from '../../shared/http/idempotent-api.js';
import Type, { Compile } from '../../shared/messaging/typebox.js';
import type { Authorization, Authorized, Declined, OrderAmount, PaymentGateway } from './payment-gateway.js';

export class HttpPaymentGateway implements PaymentGateway {
  readonly #api: IdempotentApi;

  constructor(api: IdempotentApi) {
    this.#api = api;
  }

  async authorize({ orderId, amount: money, token }: Authorization, call: Call): Promise<Authorized | Declined> {
    const { amount, currency } = money;
    // The provider takes no amount of nothing.
    if (amount === 0) return { kind: 'authorized', authorizationId: 'nothing-to-pay' };
    const body = { orderId, amount, currency, token };
    const answer = await this.#api.post('/payments/authorizations', body, ['card_declined'], call);
    if (answer.kind === 'refused') return { kind: 'declined', reason: answer.reason.replaceAll(token, '[token]') };
    return { kind: 'authorized', authorizationId: this.#api.read(AUTHORIZED, answer).id };
  }

  async capture({ orderId, amount: { amount } }: OrderAmount, call: Call): Promise<{ kind: 'captured' } | Declined> {
    if (amount === 0) return { kind: 'captured' };
    const refusals = ['nothing_authorized', 'amount_too_large'];
    const answer = await this.#api.post('/payments/captures', { orderId, amount }, refusals, call);
    if (answer.kind === 'done') return { kind: 'captured' };
    // A provider that has forgotten the key finds nothing to charge when it has charged it: the books tell.
    const { charged } = await this.#standing(orderId, call);
    return charged >= amount ? { kind: 'captured' } : { kind: 'declined', reason: answer.reason };
  }

  async void({ orderId }: OrderAmount, call: Call): Promise<{ kind: 'voided' | 'nothing-held' }> {
    if ((await this.#standing(orderId, call)).held === 0) return { kind: 'nothing-held' };
    const answer = await this.#api.post('/payments/voids', { orderId }, [], call);
    if (this.#api.read(VOIDED, answer).status === 'voided') return { kind: 'voided' };
    // Another process may have charged it since the question; or the answer is one that the provider remembered.
    if ((await this.#standing(orderId, call)).held === 0) return { kind: 'nothing-held' };
    return this.#api.unclear(`holds money for order ${orderId}, and says that it does not`);
  }

  async refund(
    { orderId, amount: { amount } }: OrderAmount,
    call: Call,
  ): Promise<{ kind: 'refunded' | 'nothing-captured' }> {
    const { charged, refunded } = await this.#standing(orderId, call);
    // Done by an attempt whose answer was lost, or by hand: nothing is asked for that a forgotten key would do twice.
    if (charged === 0) return { kind: refunded > 0 ? 'refunded' : 'nothing-captured' };
    await this.#api.post('/payments/refunds', { orderId, amount }, [], call);
    return { kind: 'refunded' };
  }

  /** Where the order's money stands. Asked first, since the provider remembers under the key also that there was nothing. */
  async #standing(orderId: string, { signal }: Call) {
    const standing = this.#api.read(STANDING, await this.#api.get(`/payments?orderId=${orderId}`, signal));
    const { held, captured, refunded, inFlight } = standing;
    if (inFlight > 0) this.#api.unclear(`is busy with the payment of order ${orderId}`);
    return { held, charged: captured - refunded, refunded };
  }
}

const AUTHORIZED = Compile(Type.Object({ id: Type.String() }));
const VOIDED = Compile(Type.Object({ status: Type.Union([Type.Literal('voided'), Type.Literal('nothing_held')]) }));
const STANDING = Compile(
  Type.Object({
    inFlight: Type.Integer(),
    held: Type.Integer(),
    captured: Type.Integer(),
    refunded: Type.Integer(),
  }),
);
