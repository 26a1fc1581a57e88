/** Payment over the HTTP API that sandbox/README.md describes. */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Call, IdempotentApi } from '../../shared/http/idempotent-api.js';
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
    return answer.kind === 'done' ? { kind: 'captured' } : { kind: 'declined', reason: answer.reason };
  }

  async void({ orderId }: OrderAmount, call: Call): Promise<{ kind: 'voided' | 'nothing-held' }> {
    const { held } = await this.#standing(orderId, call);
    if (held === 0) return { kind: 'nothing-held' };
    const answer = await this.#api.post('/payments/voids', { orderId }, [], call);
    // Another process may have charged it since the question: then nothing was held any more, and nothing is given back yet.
    return { kind: this.#api.read(VOIDED, answer).status === 'voided' ? 'voided' : 'nothing-held' };
  }

  async refund(
    { orderId, amount: { amount } }: OrderAmount,
    call: Call,
  ): Promise<{ kind: 'refunded' | 'nothing-captured' }> {
    const { captured } = await this.#standing(orderId, call);
    if (captured === 0) return { kind: 'nothing-captured' };
    await this.#api.post('/payments/refunds', { orderId, amount }, [], call);
    return { kind: 'refunded' };
  }

  /** Where the order's money stands. Asked first, since the provider remembers under the key also that there was nothing. */
  async #standing(orderId: string, { signal }: Call) {
    const standing = this.#api.read(STANDING, await this.#api.get(`/payments?orderId=${orderId}`, signal));
    return standing.inFlight > 0 ? this.#api.unclear(`is busy with the payment of order ${orderId}`) : standing;
  }
}

const AUTHORIZED = Compile(Type.Object({ id: Type.String() }));
const VOIDED = Compile(Type.Object({ status: Type.Union([Type.Literal('voided'), Type.Literal('nothing_held')]) }));
const STANDING = Compile(Type.Object({ inFlight: Type.Integer(), held: Type.Integer(), captured: Type.Integer() }));
