/**
 * What bounds the intake, and what a request may be refused for. What changes something and what only reads have room of
 * their own, so that however many orders are asked for, their readers are answered. Pure.
 */

/**
 * - `reads`, `changes`: bounded by how many are under way. An event stream is a read until it is open; it gives its place back
 * then, and is bounded by itself. - `orders`: changes that put messages into the outbox without end.
 */
export type Room = 'reads' | 'changes' | 'orders';

/** What is full: requests under way, their bodies in bytes, the event loop, the outbox. */
export type Full = 'requests' | 'bodies' | 'event-loop' | 'outbox';

/** How much there is of everything. */
export interface Load {
  readonly reads: number;
  readonly changes: number;
  /** Bytes of the bodies of changes under way. */
  readonly bodies: number;
  /** How late the event loop is on average, in milliseconds. */
  readonly loopDelayMs: number;
  readonly unsent: number;
}

export interface Limits {
  /** Under way at once; reads and changes each. */
  readonly requests: number;
  /** Messages in the outbox. */
  readonly outbox: number;
}

/** Bodies under way at once. A process has most of its memory for other things than what it was sent and has not stored. */
const BODIES_AT_MOST = 32 * 1024 * 1024;
/** Beyond, those who wait for an answer wait for nothing but their turn. */
const LOOP_DELAY_AT_MOST_MS = 500;

/** What a further request is refused for; undefined: it is let in. */
export function fullFor(room: Room, body: number, load: Load, limits: Limits): Full | undefined {
  if (room === 'reads') return load.reads >= limits.requests ? 'requests' : undefined;
  if (load.changes >= limits.requests) return 'requests';
  if (load.bodies + body > BODIES_AT_MOST) return 'bodies';
  if (load.loopDelayMs > LOOP_DELAY_AT_MOST_MS) return 'event-loop';
  return room === 'orders' && load.unsent >= limits.outbox ? 'outbox' : undefined;
}

/** What is over in moments, and what a broker that is away for long has filled; in seconds. */
const SOON_S = 1;
const LATER_S = 10;
const LATEST_S = 30;
/** So many of those who are refused in one second come back in one, so that refusing them does not become the main work. */
const BACK_PER_SECOND = 50;

/**
 * When to ask again: spread, so that those who are refused together do not come back together, and the wider the more they are.
 * @param lately how many were refused within a second
 * @param chance from 0 to 1
 */
export function retryAfterS(full: Full, lately: number, chance: number): number {
  const least = full === 'outbox' ? LATER_S : SOON_S;
  const latest = Math.max(3 * least, Math.min(least + Math.floor(lately / BACK_PER_SECOND), LATEST_S));
  return least + Math.floor(chance * (latest - least + 1));
}
