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
  StockReleased,
  StockReservationFailed,
  StockReserved,
} from './messages.js';
import { MOVES, shortages } from './reservation.js';
import { ReservationLimit } from './reservation-limit.js';
import { type Reservation, Reservations, type StockLevel, StockLevels, StockMovements } from './stock.state.js';

interface Holdings {
  readonly stock: States<StockLevel>;
  readonly reservation: State<Reservation>;
}

const bySku = { stock: ({ lines }: { readonly lines: readonly Line[] }) => lines.map(({ sku }) => sku) };

/** Sets stock aside for orders, and gives it back or hands it over. */
@Actor({ name: 'inventory', state: { stock: StockLevels, reservation: Reservations }, prefetch: 400 })
export class InventoryActor {
  constructor(@inject(ReservationLimit) private readonly limit: ReservationLimit) {}

  /** Reserves every line or none; nothing for an order that was cancelled before. */
  @Decide(OrderPlaced, { keys: bySku })
  reserve(order: OrderPlaced, { stock, reservation }: Holdings, outgoing: Outgoing): void {
    if (reservation.value) return;
    const { orderId } = order;
    const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const short = shortages(lines, (sku) => stock.get(sku).value);
    if (short.length > 0) {
      reservation.set({ status: 'failed', lines });
      outgoing.publish(StockReservationFailed, { orderId, shortages: short });
    } else {
      move('reserved', lines, { stock, reservation }, outgoing);
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
  @Decide(OrderCancelled, { keys: bySku })
  release({ orderId }: OrderCancelled, { stock, reservation }: Holdings, outgoing: Outgoing): void {
    if (reservation.value && reservation.value.status !== 'reserved') return;
    const lines = reservation.value?.lines ?? [];
    move('released', lines, { stock, reservation }, outgoing);
    outgoing.unschedule(ExpireReservation);
    outgoing.publish(StockReleased, { orderId, lines: [...lines] });
  }

  /** Takes out of stock what the carrier took along. */
  @Decide(OrderShipped, { keys: bySku })
  ship({ orderId }: OrderShipped, { stock, reservation }: Holdings, outgoing: Outgoing): void {
    if (!reservation.value) {
      throw new TransientError('reservation.unknown', `nothing was reserved for order ${orderId}`, { maxAttempts: 6 });
    }
    if (reservation.value.status === 'reserved') {
      move('shipped', reservation.value.lines, { stock, reservation }, outgoing);
      outgoing.unschedule(ExpireReservation);
    }
  }
}

function move(
  kind: keyof typeof MOVES,
  lines: readonly Line[],
  { stock, reservation }: Holdings,
  { append }: Outgoing,
): void {
  for (const { sku, quantity } of lines) {
    const level = stock.get(sku);
    level.set(MOVES[kind](level.value ?? NO_STOCK, quantity));
    append(StockMovements, { sku, kind, quantity, orderId: reservation.key });
  }
  reservation.set({ status: kind, lines });
}

const NO_STOCK: StockLevel = { onHand: 0, reserved: 0, shipped: 0 };
