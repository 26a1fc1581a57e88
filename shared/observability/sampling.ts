/** Which orders are traced: decided by the order's id alone, so every process decides alike without being told. Pure. */

/** Of an id's 16 bytes, the last four: random in a UUID v7, whose first half is time. */
const RANDOM_DIGITS = 8;
const CHANCES = 2 ** 32;

/** Tells whether an order is among the share that is traced, 0 to 1. What is no UUID, or no id at all, never is. */
export function sampler(ratio: number): (orderId: string | undefined) => boolean {
  const below = ratio * CHANCES;
  return (orderId) => orderId !== undefined && Number(`0x${orderId.slice(-RANDOM_DIGITS)}`) < below;
}
