/**
 * Array parameters as PostgreSQL's binary protocol has them: a literal is escaped here and taken apart there letter by letter, which
 * was a fifth of what the store of a batch took PostgreSQL. An array is sent as what its statement casts it to (`$1::uuid[]`).
 */
import pg from 'pg';

interface Element {
  readonly oid: number;
  /** Writes one that is no null; false when it is none of the type. */
  readonly write: (value: unknown) => boolean;
}

const SCRATCH_BYTES = 256 * 1024;
/** The array that is being written. */
let scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
let used = 0;

const { BOOL, BYTEA, FLOAT8, INT4, INT8, JSONB, TEXT, TIMESTAMPTZ, UUID } = pg.types.builtins;

const JSONB_VERSION = [1];

const ELEMENTS: ReadonlyMap<string, Element> = new Map([
  ['boolean', { oid: BOOL, write: (value) => typeof value === 'boolean' && writeBytes([value ? 1 : 0]) }],
  ['bytea', { oid: BYTEA, write: (value) => value instanceof Uint8Array && writeBytes(value) }],
  ['float8', { oid: FLOAT8, write: (value) => typeof value === 'number' && writeDouble(value) }],
  ['integer', { oid: INT4, write: (value) => isInt32(value) && writeInt32(value) }],
  ['bigint', { oid: INT8, write: (value) => Number.isSafeInteger(value) && writeInt64(BigInt(value as number)) }],
  [
    'jsonb',
    { oid: JSONB, write: (value) => typeof value === 'string' && writeBytes(JSONB_VERSION) && writeText(value) },
  ],
  ['text', { oid: TEXT, write: (value) => typeof value === 'string' && writeText(value) }],
  ['timestamptz', { oid: TIMESTAMPTZ, write: (value) => value instanceof Date && writeTime(value.getTime()) }],
  ['uuid', { oid: UUID, write: (value) => typeof value === 'string' && writeUuid(value) }],
]);

/** The values of a statement as pg is given them. What is no array, or no array of what it is cast to, is left to pg. */
export function parametersOf(text: string, values: readonly unknown[]): unknown[] {
  let elements: ReturnType<typeof elementsOf> | undefined;
  return values.map((value, index) => {
    if (!Array.isArray(value)) return value;
    elements ??= elementsOf(text);
    const element = elements.get(index + 1);
    return element === undefined ? value : (encoded(element, value) ?? value);
  });
}

const CAST = /\$(\d+)::(\w+)\[\]/g;
/** As many as a process has statements; whoever made up a new one for each time would fill the memory. */
const KNOWN_AT_MOST = 1000;
const known = new Map<string, ReadonlyMap<number, Element | undefined>>();

/** By the number of the parameter. */
function elementsOf(text: string): ReadonlyMap<number, Element | undefined> {
  let elements = known.get(text);
  if (elements === undefined) {
    const found = new Map<number, Element | undefined>();
    for (const [, digits, type = ''] of text.matchAll(CAST)) {
      const [number, element] = [Number(digits), ELEMENTS.get(type)];
      // What is cast to several types is left to pg.
      found.set(number, found.has(number) && found.get(number) !== element ? undefined : element);
    }
    elements = found;
    if (known.size < KNOWN_AT_MOST) known.set(text, elements);
  }
  return elements;
}

function encoded({ oid, write }: Element, values: readonly unknown[]): Buffer | undefined {
  if (scratch.length > SCRATCH_BYTES) scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  used = 0;
  const dimensions = values.length === 0 ? 0 : 1;
  writeInt32(dimensions);
  writeInt32(values.some((value) => value === null || value === undefined) ? 1 : 0);
  writeInt32(oid);
  if (dimensions === 1) {
    writeInt32(values.length);
    // Subscript of the first.
    writeInt32(1);
  }
  for (const value of values) {
    const lengthAt = used;
    writeInt32(-1);
    if (value === null || value === undefined) continue;
    if (!write(value)) return undefined;
    scratch.writeInt32BE(used - lengthAt - 4, lengthAt);
  }
  return Buffer.from(scratch.subarray(0, used));
}

/** Makes room for so many bytes more. */
function reserve(bytes: number): void {
  if (used + bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(2 * (used + bytes));
  scratch.copy(larger, 0, 0, used);
  scratch = larger;
}

function writeBytes(bytes: ArrayLike<number>): true {
  reserve(bytes.length);
  scratch.set(bytes, used);
  used += bytes.length;
  return true;
}

function writeInt32(value: number): true {
  reserve(4);
  used = scratch.writeInt32BE(value, used);
  return true;
}

function writeInt64(value: bigint): true {
  reserve(8);
  used = scratch.writeBigInt64BE(value, used);
  return true;
}

function writeDouble(value: number): true {
  reserve(8);
  used = scratch.writeDoubleBE(value, used);
  return true;
}

function writeText(text: string): true {
  reserve(UTF8_BYTES_AT_MOST * text.length);
  used += scratch.write(text, used);
  return true;
}

/** Of a UTF-16 unit. */
const UTF8_BYTES_AT_MOST = 3;

/** Microseconds since 2000. */
function writeTime(ms: number): boolean {
  return Number.isInteger(ms) && writeInt64(BigInt(ms - Y2000_MS) * 1000n);
}

const Y2000_MS = Date.UTC(2000);
const UUID_SHAPE = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';
/** Where two digits stand. */
const OCTETS = [...UUID_SHAPE.matchAll(/xx/g)].map(({ index }) => index);
const DASHES = [...UUID_SHAPE.matchAll(/-/g)].map(({ index }) => index);
/** Value of a hexadecimal digit by its code; of all else, NO_DIGIT. */
const NO_DIGIT = 0xff;
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < 16; digit++) {
  DIGITS[digit.toString(16).charCodeAt(0)] = digit;
  DIGITS[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

const digitAt = (text: string, index: number): number => DIGITS[text.charCodeAt(index)] ?? NO_DIGIT;

/** As this project writes them; other ways that PostgreSQL reads are left to it. */
function writeUuid(uuid: string): boolean {
  if (uuid.length !== UUID_SHAPE.length || !DASHES.every((index) => uuid[index] === '-')) return false;
  reserve(OCTETS.length);
  for (const index of OCTETS) {
    const high = digitAt(uuid, index);
    const low = digitAt(uuid, index + 1);
    if (high === NO_DIGIT || low === NO_DIGIT) return false;
    scratch[used++] = (high << 4) | low;
  }
  return true;
}

const isInt32 = (value: unknown): value is number => typeof value === 'number' && (value | 0) === value;
