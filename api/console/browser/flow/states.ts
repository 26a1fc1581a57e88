/** The saga's states and what leads from one to the next, as they are drawn. */
import type { OrderStatus } from '../answers.js';

export interface State {
  readonly name: OrderStatus;
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  /** Undefined where an order begins. */
  readonly from: OrderStatus | undefined;
  readonly to: OrderStatus;
  /** The message that tells of it. */
  readonly type: string;
  /** What was done is given back. */
  readonly compensation: boolean;
}

const PLACES: Readonly<Record<OrderStatus, Pick<State, 'x' | 'y'>>> = {
  INITIATED: { x: 90, y: 40 },
  CONFIRMED: { x: 330, y: 40 },
  PAID: { x: 570, y: 40 },
  SHIPPED: { x: 810, y: 40 },
  CANCELLING: { x: 330, y: 210 },
  CANCELLED: { x: 810, y: 210 },
};
/** (The keys of an object are typed as texts.) */
export const STATES: readonly State[] = (Object.keys(PLACES) as OrderStatus[]).map((name) => ({
  name,
  ...PLACES[name],
}));

export const EDGES: readonly Edge[] = [
  { from: undefined, to: 'INITIATED', type: 'orders.order-placed', compensation: false },
  { from: 'INITIATED', to: 'CONFIRMED', type: 'orders.order-confirmed', compensation: false },
  { from: 'CONFIRMED', to: 'PAID', type: 'payment.payment-captured', compensation: false },
  { from: 'PAID', to: 'SHIPPED', type: 'shipping.order-shipped', compensation: false },
  { from: 'INITIATED', to: 'CANCELLING', type: 'orders.order-cancelled', compensation: true },
  { from: 'CONFIRMED', to: 'CANCELLING', type: 'orders.order-cancelled', compensation: true },
  { from: 'PAID', to: 'CANCELLING', type: 'orders.order-cancelled', compensation: true },
  { from: 'CANCELLING', to: 'CANCELLED', type: 'inventory.stock-released', compensation: true },
];
