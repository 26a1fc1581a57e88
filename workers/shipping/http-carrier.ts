/** Shipping over the HTTP API that sandbox/README.md describes. */
import type { Call, IdempotentApi } from '../../shared/http/idempotent-api.js';
import Type, { Compile } from '../../shared/messaging/typebox.js';
import type { Address } from '../../shared/messaging/vocabulary.js';
import type { Carrier, Parcel, Refused, Shipped } from './carrier.js';

export class HttpCarrier implements Carrier {
  readonly #api: IdempotentApi;

  constructor(api: IdempotentApi) {
    this.#api = api;
  }

  async ship({ orderId, address, lines }: Parcel, call: Call): Promise<Shipped | Refused> {
    const answer = await this.#api.post('/shipments', { orderId, address, lines }, ['address_refused'], call);
    if (answer.kind === 'refused') return { kind: 'refused', reason: withoutAddress(answer.reason, address) };
    const { carrier, trackingNumber } = this.#api.read(LABELLED, answer);
    return { kind: 'shipped', carrier, trackingNumber };
  }

  async cancel(orderId: string, call: Call): Promise<void> {
    const standing = await this.#api.get(`/shipments?orderId=${orderId}`, call.signal);
    const { inFlight, labels } = this.#api.read(STANDING, standing);
    if (inFlight > 0) this.#api.unclear(`is busy with the shipment of order ${orderId}`);
    // The carrier remembers under the key also that there was nothing to cancel, so it is asked only when there is.
    if (labels.some(({ status }) => status === 'active'))
      await this.#api.post('/shipments/cancel', { orderId }, [], call);
  }
}

/** What a carrier repeats of the address would stay where it cannot be erased. */
const withoutAddress = (reason: string, address: Address): string =>
  Object.values(address)
    .filter((part) => part !== undefined && part.length > 2)
    .reduce((text: string, part) => text.replaceAll(part, '[address]'), reason);

const LABELLED = Compile(Type.Object({ carrier: Type.String(), trackingNumber: Type.String() }));
const STANDING = Compile(
  Type.Object({ inFlight: Type.Integer(), labels: Type.Array(Type.Object({ status: Type.String() })) }),
);
