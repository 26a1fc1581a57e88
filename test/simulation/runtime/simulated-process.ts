/** A process of the fleet. It may die, or stand still, wherever it does something that others can see. */
import type { Owner } from './scheduler.js';
import type { World } from './world.js';

/** What a run may do to its processes: fewer than it takes to convict an innocent message of killing them. */
export interface Blows {
  deaths: number;
  standstills: number;
}

const SHORTEST_STANDSTILL_MS = 200;
const LONGEST_STANDSTILL_MS = 40_000;

export class SimulatedProcess implements Owner {
  readonly name: string;
  readonly skewMs: number;
  readonly #world: World;
  readonly #blows: Blows;
  readonly #onDeath: (() => void)[] = [];
  readonly #onStandstill: ((ms: number) => void)[] = [];
  #alive = true;
  #stalledUntilMs = 0;

  constructor(name: string, world: World, blows: Blows) {
    this.name = name;
    this.#world = world;
    this.#blows = blows;
    this.skewMs = world.chance.oneIn(4) ? world.chance.between(-3_600_000, 3_600_000) : 0;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get stalledUntilMs(): number {
    return this.#stalledUntilMs;
  }

  /** It does something that others can see. False when it is dead: then nothing comes of it. */
  acts(what: string): boolean {
    if (!this.#alive) return false;
    if (this.#blows.deaths > 0 && this.#world.happens('process-dies', 150)) {
      this.#blows.deaths -= 1;
      this.#world.note(`${this.name} dies before: ${what}`);
      this.die();
      return false;
    }
    this.#world.note(`${this.name} ${what}`);
    if (this.#blows.standstills > 0 && this.#world.happens('process-stands-still', 1000)) {
      this.#blows.standstills -= 1;
      this.#standStill();
    }
    return true;
  }

  /** What it has in memory is gone, and nothing that it has begun goes on. */
  die(): void {
    if (!this.#alive) return;
    this.#alive = false;
    for (const act of this.#onDeath) act();
  }

  onDeath(act: () => void): void {
    this.#onDeath.push(act);
  }

  /** @param act is told for how long, in milliseconds */
  onStandstill(act: (ms: number) => void): void {
    this.#onStandstill.push(act);
  }

  #standStill(): void {
    const { chance, scheduler } = this.#world;
    const ms = chance.oneIn(2)
      ? chance.between(SHORTEST_STANDSTILL_MS, 2_000)
      : chance.between(5_000, LONGEST_STANDSTILL_MS);
    this.#stalledUntilMs = scheduler.nowMs + ms;
    for (const act of this.#onStandstill) act(ms);
  }
}
