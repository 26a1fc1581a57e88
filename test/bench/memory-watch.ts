/** Looks at the memory of processes while they work, and tells whether they hold more and more. */
import { megabytes, residentBytes } from './process-cost.js';
import { mean } from './quantities.js';

const LOOK_EVERY_MS = 500;
const SHARE = 0.1;

/** Resident memory in the first tenth of the time and in the last, in the mean. NaN where it is not told. */
export interface Growth {
  /** All processes together, in MB. */
  readonly first: number;
  readonly last: number;
  /** Last to first of the process that grew most. */
  readonly most: number;
}

export class MemoryWatch {
  readonly #pids: readonly number[];
  /** In MB, by the place of the process. */
  readonly #looks: (readonly number[])[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(pids: Iterable<number>) {
    this.#pids = [...pids];
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Looks once more, and then no more. */
  end(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  get growth(): Growth {
    return growthOf(this.#looks);
  }

  #look(): void {
    this.#looks.push(this.#pids.map((pid) => megabytes(residentBytes(pid))));
  }
}

/** @param looks at least one, each with the memory of every process */
export function growthOf(looks: readonly (readonly number[])[]): Growth {
  const few = Math.ceil(looks.length * SHARE);
  const meansOf = (some: typeof looks): number[] =>
    (looks[0] ?? []).map((_, at) => mean(some.map((look) => look[at] ?? Number.NaN)));
  const first = meansOf(looks.slice(0, few));
  const last = meansOf(looks.slice(-few));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    first: sum(first),
    last: sum(last),
    most: Math.max(...last.map((value, at) => value / (first[at] ?? Number.NaN))),
  };
}
