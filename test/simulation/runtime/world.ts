/** What everything in a run shares: its time, its chance, what goes wrong in it, and what is written down of it. */
import { Chance } from './chance.js';
import { type Event, NATURE, type Owner, Scheduler } from './scheduler.js';

/** What may go wrong. */
export const MISHAPS = [
  'process-dies',
  'process-stands-still',
  'connection-dies',
  'channel-dies',
  'consumer-is-cancelled',
  'message-is-doubled',
  'message-overtakes',
  'message-is-lost-unconfirmed',
  'confirm-is-lost',
  'publish-is-refused',
  'binding-is-missing',
  'broker-is-blocked',
  'statement-loses-its-connection',
  'statement-deadlocks',
  'commit-is-unknown-and-was-made',
  'commit-is-unknown-and-was-not-made',
  'database-is-away',
  'redis-forgets',
  'redis-is-away',
  'network-is-slow',
] as const;
export type Mishap = (typeof MISHAPS)[number];

export class World {
  readonly scheduler = new Scheduler();
  readonly chance: Chance;
  /** How often each thing went wrong. */
  readonly mishaps = new Map<Mishap, number>();
  /** What must never be, whatever goes wrong. */
  readonly wrongs: string[] = [];
  readonly trace: string[] = [];
  readonly #eagerness = new Map<Mishap, number>();
  readonly #names = new Map<string, string>();
  #healed = false;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    // Not everything everywhere: what rarely coincides is found where the rest goes well.
    const calm = this.chance.oneIn(20);
    for (const mishap of MISHAPS) {
      this.#eagerness.set(mishap, calm ? 0 : ([0, 0, 1, 1, 4][this.chance.below(5)] ?? 0));
    }
  }

  /** True when it goes wrong now, about once in so many times that it could. */
  happens(mishap: Mishap, oneIn: number): boolean {
    const eagerness = this.#eagerness.get(mishap) ?? 0;
    if (this.#healed || eagerness === 0 || !this.chance.oneIn(oneIn / eagerness)) return false;
    this.mishaps.set(mishap, (this.mishaps.get(mishap) ?? 0) + 1);
    this.note(`! ${mishap}`);
    return true;
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.#healed = true;
    this.note('healed');
  }

  get healed(): boolean {
    return this.#healed;
  }

  /** How long something takes on its way, in milliseconds. */
  latencyMs(): number {
    if (this.happens('network-is-slow', 200)) return this.chance.between(50, 800);
    return this.chance.between(0.1, 4);
  }

  after(inMs: number, owner: Owner, happen: () => void): Event {
    return this.scheduler.after(inMs, owner, happen);
  }

  /** Lets the world outside do something after the time that a way takes. */
  soon(happen: () => void): void {
    this.after(this.latencyMs(), NATURE, happen);
  }

  note(what: string): void {
    this.trace.push(`${this.scheduler.nowMs.toFixed(1)} ${what}`);
  }

  /** Something that must never be. */
  wrong(what: string): void {
    this.wrongs.push(what);
    this.note(`WRONG: ${what}`);
  }

  /** Ids are made of the real clock and real chance; in a trace they go by the order in which they were first named. */
  nameOf(id: string | undefined): string {
    if (id === undefined) return '-';
    let name = this.#names.get(id);
    if (name === undefined) {
      name = `#${this.#names.size + 1}`;
      this.#names.set(id, name);
    }
    return name;
  }
}
