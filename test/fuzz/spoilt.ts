/** What was good, spoilt: values that are most often forgotten, in the places of good ones, and JSON that is hardly one. */
import fc from 'fast-check';

/** A good body spoilt in one to three places, and perhaps in how it is written. */
export function bodyLike(example: unknown): fc.Arbitrary<Buffer> {
  const spoilt = fc
    .array(fc.record({ at: fc.nat(), how: fc.constantFrom('replace', 'remove', 'add', 'repeat'), by: SPOILER }), {
      maxLength: 3,
    })
    .map((spoilers) => spoilers.reduce(spoil, structuredClone(example)));
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(spoilt, fc.constantFrom(...WRITINGS)).map(([value, write]) => write(written(value))),
    },
    { weight: 1, arbitrary: NOISE },
  );
}

const written = (value: unknown): string => (JSON.stringify(value) ?? '').replace(/"@raw:([^"]*)"/g, '$1');

const plainly = (json: string): Buffer => Buffer.from(json);
const WRITINGS: readonly ((json: string) => Buffer)[] = [
  plainly,
  plainly,
  plainly,
  plainly,
  (json) => Buffer.from(json.slice(0, -1)),
  (json) => Buffer.from(`\ufeff${json}`),
  (json) => Buffer.from(json, 'utf16le'),
  (json) => Buffer.from(`${json} ${json}`),
  (json) => Buffer.from(json.replace('{', '{"__proto__":{"a":1},')),
  (json) => Buffer.from(json.replace('{', '{"paymentToken":"tok",')),
  (json) => Buffer.concat([Buffer.from(json.slice(0, 20)), Buffer.from([0xff, 0xc0]), Buffer.from(json.slice(20))]),
  (json) => Buffer.from('['.repeat(50_000) + json),
  (json) => Buffer.from(json + ' '.repeat(600_000)),
];

interface Spoiler {
  readonly at: number;
  readonly how: string;
  readonly by: unknown;
}

/** One of the places of a value, spoilt. */
function spoil(value: unknown, { at, how, by: shared }: Spoiler): unknown {
  // Spoilt further, it would be so for those that come after, and could come to hold itself.
  const by = structuredClone(shared);
  const places = placesOf(value);
  const place = places[at % Math.max(places.length, 1)];
  if (place === undefined) return by;
  const { holder, name } = place;
  if (how === 'remove') delete holder[name];
  else if (how === 'add') holder[`${name}x`] = by;
  else if (how === 'repeat') holder[name] = Array(1001).fill(holder[name]);
  else holder[name] = by;
  return value;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesOf(holder[name])]);
}

/** What strings, numbers and shapes are most often forgotten. `@raw:` goes into the JSON without quotes. */
const HOSTILE: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    -0,
    2 ** 31,
    2 ** 53,
    '@raw:1e400',
    '@raw:-1e400',
    '@raw:9007199254740993',
    '@raw:0.1e-400',
  ],
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u2028',
    'A\r\nBcc: all@example.com',
    '\u202e',
    '\ufeff',
    'a'.repeat(300),
    'a'.repeat(70_000),
  ],
  ...["' or 1=1 --", '"; drop table orders; --', '{{7*7}}', '<script>', '../../etc/passwd', '%00', '__proto__'],
  ...[
    [],
    {},
    [[]],
    [null],
    { toString: 1 },
    { length: 1e9 },
    { constructor: { prototype: {} } },
    '1',
    'NaN',
    'GBP',
    'CUP',
  ],
];
const SPOILER = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.double(),
  fc.maxSafeInteger(),
);

export const NOISE: fc.Arbitrary<Buffer> = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));
