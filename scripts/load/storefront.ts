/** A storefront's side of the HTTP API. Never throws for what the intake or the network does: every answer has a meaning. */

import { Pool } from 'undici';
import Type, { Compile, type Static, type TSchema } from '../../shared/messaging/typebox.js';
import { type Answer, answerOf, answerOfError } from './answer.js';

export interface OrderRequest {
  readonly customer: { readonly name: string; readonly email: string };
  readonly shippingAddress: {
    readonly line1: string;
    readonly city: string;
    readonly postalCode: string;
    readonly country: string;
  };
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly paymentToken: string;
  readonly reference?: string;
}

const Nothing = Type.Unknown();
const Received = Type.Object({ orderId: Type.String() });
const StockList = Type.Object({ items: Type.Array(Type.Object({ sku: Type.String() })) });
/** What is read of an order. */
const OrderState = Type.Object({
  status: Type.String(),
  cancelReason: Type.Optional(Type.String()),
  placedAt: Type.String(),
  timeline: Type.Array(Type.Object({ type: Type.String(), at: Type.String() })),
});
export type OrderState = Static<typeof OrderState>;

const parserOf = <S extends TSchema>(schema: S): ((body: unknown) => Static<S>) => {
  const validator = Compile(schema);
  return (body) => validator.Parse(body);
};
const parse = {
  nothing: parserOf(Nothing),
  received: parserOf(Received),
  stockList: parserOf(StockList),
  order: parserOf(OrderState),
};

/** Without an answer for this long its outcome counts as unknown, in milliseconds. */
const ANSWER_WITHIN_MS = 15_000;
const CONNECT_WITHIN_MS = 5000;

interface Sent {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export class Storefront {
  readonly #pool: Pool;
  readonly #base: string;
  readonly #authorization: string;

  /** @param connections opened at most; requests beyond wait for one */
  constructor({ url, key, connections }: { readonly url: string; readonly key: string; readonly connections: number }) {
    const { origin, pathname } = new URL(url);
    this.#base = pathname.replace(/\/$/, '');
    this.#authorization = `Bearer ${key}`;
    this.#pool = new Pool(origin, {
      connections,
      headersTimeout: ANSWER_WITHIN_MS,
      bodyTimeout: ANSWER_WITHIN_MS,
      connect: { timeout: CONNECT_WITHIN_MS },
    });
  }

  /** The first product of the catalogue: tells whether Warren answers, and takes the key. */
  look(): Promise<Answer<Static<typeof StockList>>> {
    return this.#exchange({ method: 'GET', path: '/stock?limit=1' }, parse.stockList);
  }

  /** @param price in minor units */
  putProduct(
    sku: string,
    name: string,
    price: { readonly amount: number; readonly currency: string },
  ): Promise<Answer<unknown>> {
    return this.#exchange({ method: 'PUT', path: stockPath(sku), body: { name, price } }, parse.nothing);
  }

  receive(sku: string, quantity: number, idempotencyKey: string): Promise<Answer<unknown>> {
    return this.#exchange(
      { method: 'POST', path: `${stockPath(sku)}/receipts`, body: { quantity }, idempotencyKey },
      parse.nothing,
    );
  }

  place(request: OrderRequest, idempotencyKey: string): Promise<Answer<Static<typeof Received>>> {
    return this.#exchange({ method: 'POST', path: '/orders', body: request, idempotencyKey }, parse.received);
  }

  cancel(orderId: string): Promise<Answer<unknown>> {
    return this.#exchange({ method: 'POST', path: `/orders/${orderId}/cancel` }, parse.nothing);
  }

  read(orderId: string): Promise<Answer<OrderState>> {
    return this.#exchange({ method: 'GET', path: `/orders/${orderId}` }, parse.order);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #exchange<T>(
    { method, path, body, idempotencyKey }: Sent,
    parseBody: (body: unknown) => T,
  ): Promise<Answer<T>> {
    try {
      const response = await this.#pool.request({
        method,
        path: this.#base + path,
        headers: {
          authorization: this.#authorization,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.body.text();
      const header = (name: string): string | undefined => [response.headers[name] ?? []].flat()[0];
      return answerOf({ status: response.statusCode, header, text }, parseBody);
    } catch (error) {
      return answerOfError(error);
    }
  }
}

const stockPath = (sku: string): string => `/stock/${encodeURIComponent(sku)}`;
