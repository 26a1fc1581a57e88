/**
 * One actor's queue split into several by consistent hash of the order id, with one active consumer each: how even that is, and what
 * a consumer that falls silent means. Pure; the same seed, the same figures.
 */
import { Chance } from '../../simulation/runtime/chance.js';

export interface Split {
  readonly queues: number;
  /** Of the actor, on all of its queues. */
  readonly messagesPerSecond: number;
  /** Share of what a consumer can do that it is busy with. */
  readonly utilisation: number;
  /** How long a silent consumer is waited for; then the next one, which has been idle, takes its queue. */
  readonly silentS: number;
}

export interface SplitOutcome {
  /** What the fullest queue has more than the mean, as a share of it. */
  readonly fullestAbove: number;
  /** Of all messages that came until the queue was worked off. */
  readonly delayedShare: number;
  readonly longestWaitS: number;
  /** From the moment the consumer fell silent until nobody waited for it any more. */
  readonly workedOffAfterS: number;
}

/** Drawn to see how even the hash is. */
export const ORDERS_DRAWN = 100_000;

export function simulateSplit(split: Split, seed: number): SplitOutcome {
  const chance = new Chance(seed);
  const shares = queueShares(split.queues, chance);
  return { fullestAbove: Math.max(...shares) * split.queues - 1, ...loseConsumer(split, chance) };
}

/** Of order ids, which are as good as drawn at random in their last 62 bits. */
function queueShares(queues: number, chance: Chance): number[] {
  const counts = new Array<number>(queues).fill(0);
  for (let drawn = 0; drawn < ORDERS_DRAWN; drawn++) {
    const at = jumpHash((BigInt(chance.below(2 ** 32)) << 32n) | BigInt(chance.below(2 ** 32)), queues);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts.map((count) => count / ORDERS_DRAWN);
}

/**
 * The bucket of a key, by the algorithm of RabbitMQ's consistent-hash exchange, with another generator of chance: with one bucket more, only the keys that move into it move.
 * Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014.
 */
export function jumpHash(key: bigint, buckets: number): number {
  let state = key;
  let bucket = 0;
  for (let next = 0; next < buckets; ) {
    bucket = next;
    state = BigInt.asUintN(64, state * 2862933555777941757n + 1n);
    next = Math.floor((bucket + 1) * (2 ** 31 / Number((state >> 33n) + 1n)));
  }
  return bucket;
}

/** The queue of the silent consumer: messages come by chance, each takes its consumer equally long. */
function loseConsumer({ queues, messagesPerSecond, utilisation, silentS }: Split, chance: Chance) {
  const perSecond = messagesPerSecond / queues;
  const serviceS = utilisation / perSecond;
  let freeAt = silentS;
  let longestWaitS = 0;
  let delayed = 0;
  let arrivedAt = interval(perSecond, chance);
  // While the consumer is behind it has been busy without a pause since it began.
  while (freeAt > arrivedAt) {
    longestWaitS = Math.max(longestWaitS, freeAt - arrivedAt);
    delayed += 1;
    freeAt += serviceS;
    arrivedAt += interval(perSecond, chance);
  }
  return { longestWaitS, delayedShare: delayed / (messagesPerSecond * freeAt), workedOffAfterS: freeAt };
}

/** Between two arrivals of a Poisson process, in seconds. */
const interval = (perSecond: number, chance: Chance): number => -Math.log(1 - chance.next()) / perSecond;
