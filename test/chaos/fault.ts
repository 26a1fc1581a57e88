/** What a fault is: something that is done to the system while it works, and undone again. */
import type { System } from './system.js';

/** Two faults that touch the same part never last at the same time. */
export type Part = 'processes' | 'broker' | 'postgres' | 'redis' | 'providers';

/** A number from 0 up to but not including 1: the same one for the same question at the same step of the same seed. */
export type Chance = (question: string) => number;

export interface Fault {
  /** As it is asked for on the command line. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly what: string;
  readonly touches: readonly Part[];
  /** Where the broker is such; otherwise it never happens. Undefined: with any. */
  readonly broker?: 'single' | 'cluster';
  /** How many cards it has in the deck; 0: it happens only when it is asked for by name. */
  readonly weight: number;
  /** From and to, in milliseconds; 0 is over at once. */
  readonly lastsMs: readonly [number, number];
  /** True where nobody outside may notice it: while nothing else happens no request may fail. */
  readonly isUnnoticed?: boolean;
  inject(system: System, chance: Chance): Promise<Injected>;
}

export interface Injected {
  /** Whom it hit, such as `payment.2`. */
  readonly victim: string;
  /** Makes it possible again for everything to work; what the fleet does about it is the fleet's affair. */
  heal(): Promise<void>;
}

/** One of them. @throws {RangeError} when there is none */
export function oneOf<T>(items: readonly T[], share: number): T {
  const item = items[Math.floor(share * items.length)];
  if (item === undefined) throw new RangeError('there is nothing to choose from');
  return item;
}

/** For what is over at once. */
export const nothingToHeal = async (): Promise<void> => undefined;
