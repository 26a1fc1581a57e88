/** Ids of messages and rows: UUID v7, ascending within a process also where many are made in one millisecond. */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BYTES = 16;
/** Drawn for many ids at once: by itself it is the dearest part of making one. */
const pool = new Uint8Array(256 * BYTES);
let drawn = pool.length;
let msecs = 0;
let seq = 0;

export function newId(): string {
  const random = randomness();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // The counter has 32 bits and begins within 24.
    seq = ((random[6] ?? 0) << 16) | ((random[7] ?? 0) << 8) | (random[8] ?? 0);
  } else {
    seq += 1;
  }
  return v7({ random, msecs, seq });
}

/** When a UUID v7 was made, in milliseconds since 1970. */
export const idTimeMs = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The least id of that moment. */
export function leastId(timeMs: number): string {
  const time = Math.floor(timeMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

/** No id is above it. */
export const END_OF_TIME = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** True for a UUID in lower case, of whatever version. */
export const isId = (text: string): boolean => UUID.test(text);

function randomness(): Uint8Array {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += BYTES;
  return pool.subarray(drawn - BYTES, drawn);
}
