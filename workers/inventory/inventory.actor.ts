import { inject } from 'tsyringe';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { TransientError } from '../../shared/actors/errors.js';
import type { State, States } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import type { Line } from '../../shared/messaging/vocabulary.js';
import { OrderCancelled, OrderPlaced } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import {
  ExpireReservation,
  ReservationExpired,
  SettleReservation,
  StockReleased,
  StockReservationFailed,
  StockReserved,
} from './messages.js';
import { MOVES, shortages } from './reservation.js';
import { ReservationLimit } from './reservation-limit.js';
import {
  type Reservation,
  Reservations,
  type StockLevel,
  StockLevels,
  StockMovements,
  stockId,
} from './stock.state.js';

interface Holdings {
  readonly stock: States<StockLevel>;
  readonly reservation: State<Reservation>;
}

/** What a message says of an order whose stock moves. */
interface Moving {
  readonly orderId: string;
  /** Messages of earlier releases do not say (to be dropped: 20261122117000). */
  readonly storefrontId?: string | undefined;
  readonly lines: readonly Line[];
}

/** Its storefront's stock of each line; none where the message does not say whose. */
const itsStock = {
  stock: ({ storefrontId, lines }: Moving) =>
    storefrontId === undefined ? [] : lines.map(({ sku }) => stockId(storefrontId, sku)),
};

/** Sets stock aside for orders, and gives it back or hands it over. */
@Actor({ name: 'inventory', state: { stock: StockLevels, reservation: Reservations }, prefetch: 400 })
export class InventoryActor {
  constructor(@inject(ReservationLimit) private readonly limit: ReservationLimit) {}

  /** Reserves every line or none; nothing for an order that was cancelled before. */
  @Decide(OrderPlaced, { keys: itsStock, storedOrder: true })
  reserve(order: OrderPlaced, { stock, reservation }: Holdings, outgoing: Outgoing): void {
    if (reservation.value) return;
    const { orderId, storefrontId } = order;
    const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const short = shortages(lines, (sku) => stock.get(stockId(storefrontId, sku)).value);
    if (short.length > 0) {
      reservation.set({ status: 'failed', storefrontId, lines });
      outgoing.publish(StockReservationFailed, { orderId, shortages: short });
    } else {
      move('reserved', { orderId, storefrontId, lines }, { stock, reservation }, outgoing);
      outgoing.publish(StockReserved, { orderId, lines });
      outgoing.schedule(ExpireReservation, { orderId }, { afterMs: this.limit.keptForMs });
    }
  }

  /** Tells that stock has been set aside for long. It stays so: whether the order is given up, orders decides. */
  @Decide(ExpireReservation, { keys: { stock: () => [] } })
  expire({ orderId }: ExpireReservation, { reservation }: Holdings, { publish }: Outgoing): void {
    if (reservation.value?.status === 'reserved') publish(ReservationExpired, { orderId });
  }

  /** Puts back on hand what is reserved, and keeps a later reservation from happening. */
  @Decide(OrderCancelled, { keys: itsStock, storedOrder: true })
  release(cancelled: OrderCancelled, holdings: Holdings, outgoing: Outgoing): void {
    const { orderId, storefrontId = null } = cancelled;
    const { reservation } = holdings;
    if (reservation.value) {
      settle('released', storefrontId, holdings, outgoing);
    } else {
      reservation.set({ status: 'released', storefrontId, lines: [] });
      outgoing.publish(StockReleased, { orderId, lines: [] });
    }
  }

  /** Takes out of stock what the carrier took along. */
  @Decide(OrderShipped, { keys: itsStock })
  ship(shipped: OrderShipped, holdings: Holdings, outgoing: Outgoing): void {
    const { orderId, storefrontId = null } = shipped;
    if (!holdings.reservation.value) {
      throw new TransientError('reservation.unknown', `nothing was reserved for order ${orderId}`, { maxAttempts: 6 });
    }
    settle('shipped', storefrontId, holdings, outgoing);
  }

  /** Does what was asked before it was known whose stock it is (to be dropped: 20261122117000). */
  @Decide(SettleReservation, { keys: itsStock })
  settle({ as, storefrontId }: SettleReservation, holdings: Holdings, outgoing: Outgoing): void {
    settle(as, storefrontId, holdings, outgoing);
  }
}

/** Ends a reservation that stands; the reservation knows whose stock it has, should the message not say. */
function settle(
  as: SettleReservation['as'],
  told: string | null,
  { stock, reservation }: Holdings,
  outgoing: Outgoing,
): void {
  if (reservation.value?.status !== 'reserved') return;
  const orderId = reservation.key;
  const { storefrontId, lines } = reservation.value;
  if (storefrontId === null) throw new TypeError(`the reservation of order ${orderId} is no storefront's`);
  if (told === null) {
    // The message said nothing of it (to be dropped: 20261122117000).
    outgoing.publish(SettleReservation, { orderId, storefrontId, lines: [...lines], as });
    return;
  }
  move(as, { orderId, storefrontId, lines }, { stock, reservation }, outgoing);
  outgoing.unschedule(ExpireReservation);
  if (as === 'released') outgoing.publish(StockReleased, { orderId, lines: [...lines] });
}

function move(
  kind: keyof typeof MOVES,
  { orderId, storefrontId, lines }: Moving & { readonly storefrontId: string },
  { stock, reservation }: Holdings,
  { append }: Outgoing,
): void {
  for (const { sku, quantity } of lines) {
    const level = stock.get(stockId(storefrontId, sku));
    level.set(MOVES[kind](level.value ?? NO_STOCK, quantity));
    append(StockMovements, { storefrontId, sku, kind, quantity, orderId });
  }
  reservation.set({ status: kind, storefrontId, lines });
}

const NO_STOCK: StockLevel = { onHand: 0, reserved: 0, shipped: 0 };
