/** What the fixture worker tells the world. */
import { event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { OrderId } from '../../shared/messaging/vocabulary.js';

/** How suspicious an order is, from 0 to 100. */
export const OrderScored = event(
  'fraud.order-scored',
  1,
  Type.Object({ orderId: OrderId, score: Type.Integer({ minimum: 0, maximum: 100 }) }),
);
export type OrderScored = Payload<typeof OrderScored>;
