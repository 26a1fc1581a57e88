/** Hands parcels to the carrier. */
import type { Steps } from '../delivery.js';
import type { Provider } from '../provider.js';

export function shippingSteps(provider: Provider): Steps {
  return {
    'orders.order-ready': async ({ orderId, customer, shippingAddress: address, lines }) => {
      const { body } = await provider.post('/shipments', { orderId, address, lines }, `${orderId}:ship`);
      const carrier = String(body['carrier']);
      const trackingNumber = String(body['trackingNumber']);
      return async (transaction) => {
        await transaction.query({
          name: 'shipment-insert',
          text: 'insert into shipments (order_id, carrier, tracking_number) values ($1, $2, $3)',
          values: [orderId, carrier, trackingNumber],
        });
        return [{ name: 'shipping.order-shipped', payload: { orderId, customer, carrier, trackingNumber, lines } }];
      };
    },
  };
}
