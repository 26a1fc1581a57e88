/** By when the steps of an order have to be done. */
export interface Deadlines {
  /** To be confirmed, from the payment deadline on, in milliseconds. */
  readonly confirmedAfterMs: number;
  /** To be shipped, from the confirmation on, in milliseconds. */
  readonly shippedAfterMs: number;
}
/** The token under which they are registered. */
export const Deadlines = Symbol('Deadlines');
