/** Requests that nobody of good will sends, made of what the reference says is right: a good one with some things wrong. */
import fc from 'fast-check';
import type { OpenApi } from '../support/reference/documents.js';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** Of the given routes: method and path as the reference writes it. @param ids that are there, to be named in paths */
export function hostileRequests(openapi: OpenApi, routes: readonly Route[], key: string): fc.Arbitrary<HostileRequest> {
  return fc.constantFrom(...routes).chain(({ method, path }) => {
    const example = exampleOf(openapi, method, path);
    return fc
      .record({
        method: fc.oneof(
          { weight: 20, arbitrary: fc.constant(method) },
          { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
        ),
        path: pathLike(path),
        headers: fc
          .tuple(fc.constant(base(key)), fc.array(HEADER, { maxLength: 2 }))
          .map(([good, bad]) => ({ ...good, ...Object.fromEntries(bad) })),
        idempotencyKey: fc.uuid(),
        body: example === undefined ? fc.option(BYTES, { nil: undefined, freq: 4 }) : bodyLike(example),
      })
      .map(({ idempotencyKey, ...request }) => ({
        ...request,
        // A key of its own, so that none is the repetition of another; unless it was spoilt.
        headers: { 'idempotency-key': idempotencyKey, ...request.headers },
      }));
  });
}

export interface Route {
  readonly method: string;
  readonly path: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'REPORT'];
const base = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

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

const BYTES = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes));

const HEADER: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant('idempotency-key'), fc.constantFrom('', 'a b', 'a'.repeat(256), '\u00e9', 'same', 'null')),
  fc.tuple(
    fc.constant('content-type'),
    fc.constantFrom(
      'text/plain',
      'application/xml',
      'application/json; charset=utf-16',
      'multipart/form-data; boundary=x',
      'application/JSON;',
      '*/*',
      '',
    ),
  ),
  fc.tuple(fc.constant('content-encoding'), fc.constantFrom('gzip', 'br', 'identity', 'x')),
  fc.tuple(
    fc.constant('authorization'),
    fc.constantFrom(
      '',
      'Bearer',
      'Basic YTpi',
      'Bearer unknown',
      `Bearer ${'x'.repeat(3000)}`,
      'Bearer \u00e9',
      'Bearer a, Bearer b',
    ),
  ),
  fc.tuple(
    fc.constant('prefer'),
    fc.constantFrom(
      'wait=0',
      'wait=-1',
      'wait=abc',
      'wait=1e9999, respond-async',
      'respond-async',
      ';;;',
      'x'.repeat(2000),
    ),
  ),
  fc.tuple(
    fc.constantFrom(
      'accept',
      'if-none-match',
      'last-event-id',
      'traceparent',
      'x-forwarded-for',
      'cookie',
      'origin',
      'range',
    ),
    fc.string({ unit: 'grapheme-ascii', maxLength: 100 }).map((text) => text.trim()),
  ),
);

/** The path with its parameters filled in, more or less well. */
function pathLike(path: string): fc.Arbitrary<string> {
  const parameter = fc.oneof(
    fc.constantFrom(
      'CUP',
      'JUG',
      '01938f00-0000-7000-8000-000000000001',
      'x',
      '%00',
      '%ZZ',
      '%2e%2e',
      '..',
      '%f0%28',
      "'",
      'a'.repeat(900),
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((text) => encodeURIComponent(text.toWellFormed())),
  );
  const query = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '?',
        '?limit=0',
        '?limit=1e9',
        '?limit=1&limit=2',
        '?cursor=',
        '?cursor=%00',
        '?cursor=AA',
        '?a[b]=c',
        '?__proto__=1',
        '?limit=%ff',
      ),
    },
    { weight: 1, arbitrary: fc.webQueryParameters().map((text) => `?${text}`) },
  );
  const holes = path.split(/\{\w+\}/);
  return fc
    .tuple(fc.array(parameter, { minLength: holes.length - 1, maxLength: holes.length - 1 }), query)
    .map(([values, tail]) => holes.map((part, at) => part + (values[at] ?? '')).join('') + tail);
}

/** A good body spoilt in one to three places, and perhaps in how it is written. */
function bodyLike(example: unknown): fc.Arbitrary<Buffer> {
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
    { weight: 1, arbitrary: BYTES },
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

function exampleOf({ paths, components }: OpenApi, method: string, path: string): unknown {
  const schema = paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema as
    | { readonly $ref?: string }
    | undefined;
  const name = schema?.$ref?.split('/').at(-1);
  const titled =
    name === undefined ? undefined : (components.schemas[name] as { readonly examples?: readonly unknown[] });
  return titled?.examples?.[0];
}
