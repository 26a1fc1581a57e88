/** Reads the parameters of a statement as PostgreSQL does: JSON, and arrays in its binary format by the type that the statement casts them to. */
type Read = (bytes: Buffer) => unknown;

const Y2000_MS = Date.UTC(2000);
const textOf: Read = (bytes) => bytes.toString();

const READ: Readonly<Record<string, Read>> = {
  uuid: (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  text: textOf,
  bytea: (bytes) => bytes,
  integer: (bytes) => bytes.readInt32BE(),
  bigint: (bytes) => Number(bytes.readBigInt64BE()),
  float8: (bytes) => bytes.readDoubleBE(),
  boolean: (bytes) => bytes[0] === 1,
  // Behind the version of its format.
  jsonb: (bytes) => JSON.parse(textOf(bytes.subarray(1)) as string),
  timestamptz: (bytes) => new Date(Number(bytes.readBigInt64BE() / 1000n) + Y2000_MS),
};

export function parametersOf(text: string, values: readonly unknown[]): unknown[] {
  const casts = castsOf(text);
  return values.map((value, index) => {
    const cast = casts.get(index + 1);
    if (cast === 'json') return typeof value === 'string' ? JSON.parse(value) : value;
    return cast === undefined || !Buffer.isBuffer(value) ? value : elementsOf(value, cast);
  });
}

const known = new Map<string, ReadonlyMap<number, Read | 'json'>>();

function castsOf(text: string): ReadonlyMap<number, Read | 'json'> {
  let casts = known.get(text);
  if (casts === undefined) {
    const found = [...text.matchAll(/\$(\d+)::(?:(\w+)\[\]|(jsonb))/g)].map(
      ([, index, type = '', json]): [number, Read | 'json'] => {
        const cast = json === undefined ? READ[type] : 'json';
        if (cast === undefined) throw new TypeError(`the simulated database has no type ${type}`);
        return [Number(index), cast];
      },
    );
    casts = new Map(found);
    known.set(text, casts);
  }
  return casts;
}

/** Behind dimensions, nulls, type, length and lower bound, of 4 bytes each; an empty array ends before. */
const FIRST_AT = 20;

/** Of an array of one dimension, null for NULL. */
function elementsOf(array: Buffer, read: Read): unknown[] {
  const elements: unknown[] = [];
  for (let at = FIRST_AT; at < array.length; ) {
    const length = array.readInt32BE(at);
    at += 4;
    elements.push(length === -1 ? null : read(array.subarray(at, at + length)));
    at += Math.max(length, 0);
  }
  return elements;
}
