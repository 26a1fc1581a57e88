/** What a storefront does: places orders, looks at them, cancels. */
import { randomUUID } from 'node:crypto';
import { DEVELOPMENT } from '../../config/environment.js';
import type { Deployment } from './deployment.js';
import { until } from './until.js';

export interface OrderView {
  readonly orderId: string;
  readonly status: string;
  readonly cancelReason?: string;
  readonly payment: { readonly status: string };
  readonly reservation: { readonly status: string } | null;
  readonly shipment: { readonly status: string; readonly trackingNumber?: string | null } | null;
  readonly emails: readonly { readonly occasion: string }[];
  readonly timeline: readonly { readonly type: string }[];
}

export interface PlaceOptions {
  readonly token?: string;
  readonly sku?: string;
  readonly quantity?: number;
  readonly key?: string;
  readonly customer?: { readonly name: string; readonly email: string };
  readonly shippingAddress?: Readonly<Record<'line1' | 'city' | 'postalCode' | 'country', string>>;
  /** Of the storefront's own trace. */
  readonly traceparent?: string;
}

export class Storefront {
  readonly #deployment: Deployment;
  readonly #authorization: string;

  constructor(deployment: Deployment, key: string = DEVELOPMENT.storefrontKey) {
    this.#deployment = deployment;
    this.#authorization = `Bearer ${key}`;
  }

  /** Makes a product or prices it anew, and books pieces of it. @param price in pence */
  async receive(sku: string, pieces: number, price: number): Promise<void> {
    const path = `${this.#deployment.url}/stock/${sku}`;
    const asked = (method: string, url: string, body: unknown) =>
      fetch(url, {
        method,
        headers: { ...this.#headers, 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      });
    const put = await asked('PUT', path, { name: sku, price: { amount: price, currency: 'GBP' } });
    const booked = await asked('POST', `${path}/receipts`, { quantity: pieces });
    if (!put.ok || !booked.ok) throw new Error(`refused: ${put.status}, ${booked.status}`);
  }

  get #headers() {
    return { authorization: this.#authorization, 'content-type': 'application/json' };
  }

  /** Places an order and returns its id. */
  async place({
    token = 'tok_ok',
    sku = 'BASKET-WILLOW',
    quantity = 1,
    key = randomUUID(),
    customer = { name: 'Ada Lovelace', email: 'ada@example.com' },
    shippingAddress = { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' },
    traceparent,
  }: PlaceOptions = {}): Promise<string> {
    const response = await fetch(`${this.#deployment.url}/orders`, {
      method: 'POST',
      headers: { ...this.#headers, 'idempotency-key': key, ...(traceparent === undefined ? {} : { traceparent }) },
      body: JSON.stringify({
        customer,
        shippingAddress,
        lines: [{ sku, quantity }],
        paymentToken: token,
      }),
    });
    const answer = (await response.json()) as { orderId: string };
    if (response.status !== 202) throw new Error(`refused: ${response.status} ${JSON.stringify(answer)}`);
    return answer.orderId;
  }

  async order(orderId: string): Promise<OrderView> {
    return (
      await fetch(`${this.#deployment.url}/orders/${orderId}`, { headers: this.#headers })
    ).json() as Promise<OrderView>;
  }

  /** Its events as they are sent: as JSON, or as a stream, which ends with the order. */
  async events(orderId: string, accept: 'application/json' | 'text/event-stream'): Promise<string> {
    const url = `${this.#deployment.url}/orders/${orderId}/events`;
    return (await fetch(url, { headers: { ...this.#headers, accept } })).text();
  }

  async cancel(orderId: string): Promise<number> {
    const response = await fetch(`${this.#deployment.url}/orders/${orderId}/cancel`, {
      method: 'POST',
      headers: { authorization: this.#authorization },
    });
    return response.status;
  }

  /** The order once it has the status. */
  reached(orderId: string, status: string, withinMs?: number): Promise<OrderView> {
    return until(
      `order ${orderId} is ${status}`,
      async () => {
        const order = await this.order(orderId);
        return order.status === status ? order : undefined;
      },
      withinMs,
    );
  }
}
