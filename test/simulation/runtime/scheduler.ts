/**
 * What happens next, in a time of its own: one event after the other, each with all that follows from it at once (its
 * microtasks). An event belongs to somebody; what belongs to a process that died never happens, and what belongs to one that
 * stands still happens when it goes on. So whoever is `current` is whose code runs.
 */
export interface Owner {
  readonly alive: boolean;
  /** Nothing of it happens before, in milliseconds. */
  readonly stalledUntilMs: number;
  /** By how much its clock is off, in milliseconds. */
  readonly skewMs: number;
}

/** Whose events always happen: servers and the world outside. */
export const NATURE: Owner = { alive: true, stalledUntilMs: 0, skewMs: 0 };

export interface Event {
  cancelled: boolean;
}

interface Scheduled extends Event {
  atMs: number;
  /** Of two at the same moment the one that was asked for first is first. */
  readonly number: number;
  readonly owner: Owner;
  readonly happen: () => void;
}

/** Node's own: what waits for it runs when all microtasks have. */
const realSetImmediate = setImmediate;

export class Scheduler {
  /** Since the run began, in milliseconds. */
  nowMs = 0;
  current: Owner = NATURE;
  /** A heap: whatever is at `index` comes before what is at `2 * index + 1` and `2 * index + 2`. */
  readonly #events: Scheduled[] = [];
  #count = 0;

  /** Lets it happen, `inMs` milliseconds from now. */
  after(inMs: number, owner: Owner, happen: () => void): Event {
    const event: Scheduled = {
      atMs: this.nowMs + Math.max(inMs, 0),
      number: this.#count++,
      owner,
      happen,
      cancelled: false,
    };
    this.#push(event);
    return event;
  }

  /** Events so far. */
  get count(): number {
    return this.#count;
  }

  /** Lets one event after the other happen until it is told to stop. Rejects with what an event throws. */
  run(stop: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const goOn = (): void => {
        try {
          if (stop() || !this.#next()) resolve();
          else realSetImmediate(goOn);
        } catch (error) {
          reject(error);
        }
      };
      goOn();
    });
  }

  /** False when nothing is left to happen. */
  #next(): boolean {
    let event = this.#pop();
    while (event !== undefined && (event.cancelled || !event.owner.alive)) event = this.#pop();
    if (event === undefined) return false;
    this.nowMs = Math.max(this.nowMs, event.atMs);
    const { stalledUntilMs } = event.owner;
    if (stalledUntilMs > this.nowMs) {
      // Under its own number, so that it goes on in the order in which it would have.
      event.atMs = stalledUntilMs;
      this.#push(event);
      return true;
    }
    this.current = event.owner;
    event.happen();
    return true;
  }

  #push(event: Scheduled): void {
    const events = this.#events;
    let index = events.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = events[parent];
      if (above === undefined || isBefore(above, event)) break;
      events[index] = above;
      index = parent;
    }
    events[index] = event;
  }

  #pop(): Scheduled | undefined {
    const events = this.#events;
    const [first] = events;
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      let next = events[child];
      const other = events[child + 1];
      if (next !== undefined && other !== undefined && isBefore(other, next)) {
        child += 1;
        next = other;
      }
      if (next === undefined || isBefore(last, next)) break;
      events[index] = next;
      index = child;
    }
    events[index] = last;
    return first;
  }
}

const isBefore = (one: Scheduled, other: Scheduled): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.number < other.number);
