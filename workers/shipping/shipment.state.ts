/** What is remembered of an order's shipment. Nothing is until it is decided. */
import { keyedState, nullable, text, type Value } from '../../shared/actors/keyed-state.js';

export const Shipments = keyedState('shipments', {
  key: { column: 'order_id', type: 'uuid' },
  columns: {
    /** `cancelling`: it will not be shipped, but the carrier may have a parcel from an attempt whose outcome is unknown. */
    status: text<'shipped' | 'refused' | 'cancelling' | 'cancelled'>(),
    carrier: nullable(text()),
    trackingNumber: nullable(text()),
    reason: nullable(text()),
  },
});
export type Shipment = Value<typeof Shipments>;
