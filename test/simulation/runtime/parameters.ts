/** Reads the parameters of a statement as PostgreSQL does: JSON, and array literals by the type that the statement casts them to. */
type Read = (text: string) => unknown;

const READ: Readonly<Record<string, Read>> = {
  uuid: (text) => text,
  text: (text) => text,
  integer: Number,
  bigint: Number,
  float8: Number,
  boolean: (text) => text === 'true' || text === 't',
  jsonb: (text) => JSON.parse(text),
  timestamptz: (text) => new Date(text),
};

export function parametersOf(text: string, values: readonly unknown[]): unknown[] {
  const casts = castsOf(text);
  return values.map((value, index) => {
    const read = casts.get(index + 1);
    if (read === undefined || typeof value !== 'string') return value;
    return read(value);
  });
}

const known = new Map<string, ReadonlyMap<number, Read>>();

function castsOf(text: string): ReadonlyMap<number, Read> {
  let casts = known.get(text);
  if (casts === undefined) {
    const found = [...text.matchAll(/\$(\d+)::(?:(\w+)\[\]|(jsonb))/g)].map(
      ([, index, type = '', json]): [number, Read] => {
        const read = READ[json ?? type];
        if (read === undefined && type !== 'bytea') throw new TypeError(`the simulated database has no type ${type}`);
        return [Number(index), json === undefined ? arrayOf(read ?? ((element) => element)) : JSON.parse];
      },
    );
    casts = new Map(found);
    known.set(text, casts);
  }
  return casts;
}

const arrayOf =
  (read: Read): Read =>
  (literal) =>
    elementsOf(literal).map((element) => (element === null ? null : read(element)));

const ELEMENT = /"((?:[^"\\]|\\.)*)"|([^,{}"]+)/gs;

/** Of an array literal of one dimension, null for NULL. */
function elementsOf(literal: string): (string | null)[] {
  if (!literal.startsWith('{')) throw new TypeError(`${literal} is no array`);
  if (!literal.includes('"')) return literal.length === 2 ? [] : literal.slice(1, -1).split(',').map(plainOf);
  return [...literal.matchAll(ELEMENT)].map(([, quoted, plain]) =>
    quoted !== undefined ? quoted.replaceAll(/\\(.)/gs, '$1') : plainOf(plain ?? ''),
  );
}

const plainOf = (plain: string): string | null => (plain === 'NULL' ? null : plain);
