/** Which fault happens when: a function of the seed. Pure. */
import { shareOf } from '../../scripts/retail/digest.js';
import type { Chance, Fault } from './fault.js';

export interface Step {
  /** From the beginning of the load, in milliseconds. */
  readonly atMs: number;
  readonly lastsMs: number;
  readonly fault: Fault;
  readonly chance: Chance;
}

/** Before the first fault, so that there is something to compare with. */
const FIRST_AT_MS = 5000;
/** Between the beginnings of two faults, from and to. */
const BETWEEN_MS = [3000, 12_000] as const;

/**
 * The faults come off a shuffled deck, so that all happen before one of them has had its turn twice. They overlap, but for
 * those that touch the same part. All are over when the time is.
 */
export function planFaults(faults: readonly Fault[], seed: string, durationMs: number): Step[] {
  const deck = new Deck(faults, seed);
  const steps: Step[] = [];
  for (let atMs = FIRST_AT_MS; atMs < durationMs; atMs += between(BETWEEN_MS, shareOf(`${seed} gap ${atMs}`))) {
    const taken = new Set(
      steps.filter((step) => step.atMs + step.lastsMs > atMs).flatMap(({ fault }) => fault.touches),
    );
    const fault = deck.draw((one) => !one.touches.some((part) => taken.has(part)));
    if (fault === undefined) continue;
    const number = steps.length;
    const chance: Chance = (question) => shareOf(`${seed} step ${number} ${question}`);
    const lastsMs = Math.min(between(fault.lastsMs, chance('lasts')), durationMs - atMs);
    steps.push({ atMs, lastsMs, fault, chance });
  }
  return steps;
}

const between = ([from, to]: readonly [number, number], share: number): number =>
  Math.round(from + share * (to - from));

class Deck {
  readonly #faults: readonly Fault[];
  readonly #seed: string;
  #cards: Fault[] = [];
  #rounds = 0;

  constructor(faults: readonly Fault[], seed: string) {
    this.#faults = faults;
    this.#seed = seed;
  }

  /** The next card that fits; those before it keep their places. Undefined when none does. */
  draw(fits: (fault: Fault) => boolean): Fault | undefined {
    const at = this.#cards.findIndex(fits);
    if (at !== -1) return this.#cards.splice(at, 1)[0];
    if (this.#cards.length > this.#faults.length) return undefined;
    const fresh = this.#shuffled();
    this.#cards.push(...fresh);
    const next = this.#cards.findIndex(fits);
    return next === -1 ? undefined : this.#cards.splice(next, 1)[0];
  }

  #shuffled(): Fault[] {
    this.#rounds += 1;
    // Whoever is alone was asked for by name.
    const cards = this.#faults.flatMap((fault) => Array.from({ length: Math.max(1, fault.weight) }, () => fault));
    return cards
      .map((fault, at) => ({ fault, place: shareOf(`${this.#seed} card ${this.#rounds} ${at}`) }))
      .sort((one, other) => one.place - other.place)
      .map(({ fault }) => fault);
  }
}
