/** Requests that nobody of good will sends, made of what the reference says is right: a good one with some things wrong. */
import fc from 'fast-check';
import type { OpenApi } from '../support/reference/documents.js';
import { payloadLike, type Schema } from './payload-like.js';
import { bodyLike, NOISE } from './spoilt.js';

export interface HostileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface Asking {
  readonly openapi: OpenApi;
  /** By who they are for, as the reference names them. */
  readonly keys: Readonly<Record<string, string>>;
  /** Ids that are there, to be named in paths. */
  readonly ids: readonly string[];
}

/** Of all routes of the reference, those of storefronts more often than the others. */
export function hostileRequests({ openapi, keys, ids }: Asking): fc.Arbitrary<HostileRequest> {
  const weighted = routesOf(openapi).map((route) => {
    const weight = route.caller === 'storefront' ? 6 : 1;
    return { weight: route.path === '/orders' ? ORDERS * weight : weight, arbitrary: fc.constant(route) };
  });
  return fc.oneof(...weighted).chain(({ method, path, caller = '' }) => {
    const example = exampleOf(openapi, method, path);
    return fc
      .record({
        method: fc.oneof(
          { weight: 20, arbitrary: fc.constant(method) },
          { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
        ),
        path: pathLike(path, ids),
        headers: fc
          .tuple(fc.constant(base(keys[caller] ?? 'none')), fc.array(HEADER, { maxLength: 2 }))
          .map(([good, bad]) => ({ ...good, ...Object.fromEntries(bad) })),
        idempotencyKey: fc.uuid(),
        body: example === undefined ? fc.option(NOISE, { nil: undefined, freq: 4 }) : bodyLike(example),
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
  /** As the reference writes it. */
  readonly path: string;
  /** Whose key it asks for. */
  readonly caller: string | undefined;
}

/** Without those that only stream: they are answered as long as somebody listens. */
export function routesOf({ paths }: OpenApi): Route[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { responses }]) => Object.keys(responses['200']?.content ?? {}).join() !== 'text/event-stream')
      .map(([method, { security = [] }]) => ({
        method: method.toUpperCase(),
        path,
        caller: Object.keys(security[0] ?? {})[0],
      })),
  );
}

/** Of orders few are good enough: their bodies have many places. */
const ORDERS = 6;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND', 'REPORT'];
const base = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });

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
function pathLike(path: string, ids: readonly string[]): fc.Arbitrary<string> {
  const parameter = fc.oneof(
    ...(ids.length === 0 ? [] : [fc.constantFrom(...ids)]),
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

/** What the reference gives as one, or the least that fits; undefined for a route without a body. */
function exampleOf({ paths, components }: OpenApi, method: string, path: string): unknown {
  const { schema } = paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json'] ?? {};
  if (schema === undefined) return undefined;
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  const meant: Schema = name === undefined ? schema : (components.schemas[name] ?? {});
  return meant.examples?.[0] ?? payloadLike(meant, TEXTS);
}

/** A name that never leads anywhere, a day, a word. */
const TEXTS = ['https://shop.example/hooks', '2026-01-02', 'a'];
