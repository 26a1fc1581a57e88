/** For how long stock is set aside for an order that is not confirmed. */
export interface ReservationLimit {
  /** From the reservation on, in milliseconds. */
  readonly keptForMs: number;
}
/** The token under which the limit is registered. */
export const ReservationLimit = Symbol('ReservationLimit');
