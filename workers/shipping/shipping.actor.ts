import { inject } from 'tsyringe';
import { Actor, Decide, Effect } from '../../shared/actors/decorators.js';
import type { State } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { OrderReady } from '../orders/messages.js';
import { Carrier } from './carrier.js';
import { CancelShipment, OrderShipped, ShipmentCancelled, ShipmentRefused, TakeParcelBack } from './messages.js';
import { type Shipment, Shipments } from './shipment.state.js';

/** Hands parcels to the carrier. */
@Actor({ name: 'shipping', state: Shipments, prefetch: 200, concurrency: 50 })
export class ShippingActor {
  constructor(@inject(Carrier) private readonly carrier: Carrier) {}

  /** Ships the order. When it was cancelled meanwhile, takes back what an earlier attempt may have shipped. */
  @Effect(OrderReady, { persons: true })
  async ship(order: OrderReady, shipment: State<Shipment>, outgoing: EffectOutgoing): Promise<void> {
    const { publish, idempotencyKey, signal } = outgoing;
    const { orderId, storefrontId, customer, shippingAddress, lines } = order;
    if (shipment.value?.status === 'cancelling' || shipment.value?.status === 'cancelled') {
      await this.carrier.cancel(orderId, { idempotencyKey: `${idempotencyKey}:undone`, signal });
    }
    if (shipment.value) return;
    const address = outgoing.open('shipping-address', shippingAddress);
    const answer = await this.carrier.ship({ orderId, address, lines }, { idempotencyKey, signal });
    if (answer.kind === 'shipped') {
      const { carrier, trackingNumber } = answer;
      shipment.set({ status: 'shipped', carrier, trackingNumber, reason: null });
      const whose = storefrontId === undefined ? {} : { storefrontId };
      publish(OrderShipped, { orderId, ...whose, customer, carrier, trackingNumber, lines });
    } else {
      shipment.set({ status: 'refused', carrier: null, trackingNumber: null, reason: answer.reason });
      publish(ShipmentRefused, { orderId, reason: answer.reason });
    }
  }

  /** Keeps the order from being shipped, unless its shipment is decided: then that answer is out already. */
  @Decide(CancelShipment, { storedOrder: true })
  cancel({ orderId }: CancelShipment, shipment: State<Shipment>, { publish }: Outgoing): void {
    if (shipment.value) return;
    shipment.set({ status: 'cancelling', carrier: null, trackingNumber: null, reason: null });
    publish(TakeParcelBack, { orderId });
  }

  /** Says that nothing leaves once it is so: an attempt to ship may have come to something that nobody heard of. */
  @Effect(TakeParcelBack)
  async takeBack({ orderId }: TakeParcelBack, shipment: State<Shipment>, outgoing: EffectOutgoing): Promise<void> {
    const { publish, idempotencyKey, signal } = outgoing;
    if (shipment.value?.status !== 'cancelling') return;
    await this.carrier.cancel(orderId, { idempotencyKey, signal });
    shipment.set({ ...shipment.value, status: 'cancelled' });
    publish(ShipmentCancelled, { orderId });
  }
}
