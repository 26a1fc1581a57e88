/** The saga's states and what leads from one to the next, as they are drawn. */
export interface State {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  /** Undefined where an order begins. */
  readonly from: string | undefined;
  readonly to: string;
  /** The message that tells of it. */
  readonly type: string;
  /** What was done is given back. */
  readonly compensation: boolean;
}

export const STATES: readonly State[] = [
  { name: 'INITIATED', x: 90, y: 40 },
  { name: 'CONFIRMED', x: 330, y: 40 },
  { name: 'PAID', x: 570, y: 40 },
  { name: 'SHIPPED', x: 810, y: 40 },
  { name: 'CANCELLING', x: 330, y: 210 },
  { name: 'CANCELLED', x: 810, y: 210 },
];

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
