/**
 * The reference of the HTTP API: OpenAPI 3.1, whose schemas are JSON Schema 2020-12, as those of the routes are. So it says
 * what is validated, word for word. Pure.
 */
import { STATUS_CODES } from 'node:http';
import { type ProblemCode, titleOf } from '../problem.js';
import { hoisted, type Json, plain } from './components.js';
import { ANSWER_HEADERS, type AnswerHeader, REQUEST_HEADERS } from './headers.js';
import { OPERATOR_NOTES } from './operator-notes.js';
import { PROBLEM } from './problem-schema.js';
import { isOperators, refusalsOf } from './refusals.js';
import type { RegisteredRoute } from './route-notes.js';

/** Of the published contract. A change that breaks callers raises the first number (CONTRIBUTING.md). */
export const API_VERSION = '1.0.0';

const PROBLEM_MEDIA = 'application/problem+json';

/** What there is of them to know, but for those that are hidden and say why. */
export function openApiOf(routes: readonly RegisteredRoute[]): Json {
  const shown = routes
    .filter(({ method, schema }) => method !== 'HEAD' && schema.hidden === undefined)
    .map((route) => ({ ...route, schema: { ...OPERATOR_NOTES[`${route.method} ${route.path}`], ...route.schema } }));
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of shown) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const { value, schemas } = hoisted(paths);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Warren',
      version: API_VERSION,
      summary: 'Takes orders from storefronts and carries each to shipped or cancelled.',
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: TAGS,
    paths: value,
    components: {
      securitySchemes: {
        storefront: { type: 'http', scheme: 'bearer', description: 'An API key of a storefront.' },
        operator: { type: 'http', scheme: 'bearer', description: 'A key of an operator.' },
      },
      schemas: { ...schemas, Problem: PROBLEM },
      headers: ANSWER_HEADERS,
    },
  };
}

const DESCRIPTION = `Amounts are in minor units of their currency. Fields that a request does not have are refused; answers
may gain fields, and a reader leaves alone those it does not know. Every refusal is \`application/problem+json\` (RFC 9457) with a
\`code\` to branch on. What happens to an order is told by messages: [/asyncapi.json](/asyncapi.json).`;

const TAGS = [
  { name: 'orders', description: 'What storefronts order.' },
  { name: 'stock', description: 'The catalogue of the storefront, and the pieces there are.' },
  { name: 'operator', description: 'For whoever looks after the fleet. It may change with any release.' },
  { name: 'health', description: 'For whatever watches the process.' },
  { name: 'reference', description: 'This, for machines.' },
];

const HEALTH = new Set(['healthz', 'readyz', 'metrics']);

function tagOf({ path, schema }: RegisteredRoute): string {
  const [, first = ''] = path.split('/');
  return HEALTH.has(first) ? 'health' : schema.open ? 'reference' : first;
}

function operationOf(route: RegisteredRoute): Json {
  const { schema } = route;
  const body = schema.body === undefined ? undefined : plain(schema.body);
  return {
    operationId: operationIdOf(route),
    tags: [tagOf(route)],
    summary: schema.summary,
    ...describedBy(route),
    security: schema.open ? [] : [{ [isOperators(route) ? 'operator' : 'storefront']: [] }],
    parameters: parametersOf(route),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: together(answersOf(route), problemsOf(route)),
  };
}

function describedBy({ schema: { description }, scope }: RegisteredRoute): Json {
  const needs =
    scope === undefined ? [] : [`Needs a key with ${scope === 'any' ? 'any scope' : `the scope \`${scope}\``}.`];
  const parts = [...(description === undefined ? [] : [description]), ...needs];
  return parts.length === 0 ? {} : { description: parts.join('\n\n') };
}

/** A status that stands for an answer of the route or for a refusal has both bodies. */
function together(answers: Record<string, Json>, problems: Record<string, Json>): Record<string, Json> {
  const both = Object.keys(answers).filter((status) => status in problems);
  const joined = both.map((status) => {
    const [answer = {}, problem = {}] = [answers[status], problems[status]];
    return [status, { ...problem, content: { ...(answer['content'] as Json), ...(problem['content'] as Json) } }];
  });
  return { ...answers, ...problems, ...Object.fromEntries(joined) };
}

/** `postOrdersIdCancel`: as stable as the route. */
function operationIdOf({ method, path }: RegisteredRoute): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf({ schema, path }: RegisteredRoute): Json[] {
  const query = propertiesOf(schema.querystring);
  const inPath = propertiesOf(schema.params);
  return [
    ...[...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: inPath.properties[name] ?? { type: 'string' },
    })),
    ...Object.entries(query.properties).map(([name, one]) => ({
      name,
      in: 'query',
      required: query.required.includes(name),
      schema: one,
    })),
    ...(schema.takes ?? []).map((name) => ({ name, in: 'header', ...REQUEST_HEADERS[name] })),
  ];
}

function propertiesOf(schema: unknown): { properties: Record<string, Json>; required: readonly string[] } {
  const { properties = {}, required = [] } = schema === undefined ? {} : plain(schema);
  return { properties: properties as Record<string, Json>, required: required as readonly string[] };
}

/** Whoever has a key is told with every answer what is left to it. */
const limitsOf = ({ scope }: RegisteredRoute): readonly AnswerHeader[] =>
  scope === undefined ? [] : ['RateLimit', 'RateLimit-Policy'];

function answersOf(route: RegisteredRoute): Record<string, Json> {
  const { method, schema } = route;
  const answers = (schema.response ?? { 200: {} }) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      const media = schema.media?.[Number(status)] ?? ['application/json'];
      const content = media.map((type) => [type, { schema: /json/.test(type) ? plain(answer) : { type: 'string' } }]);
      return [
        status,
        {
          description: plain(answer)['description'] ?? `${STATUS_CODES[status]}`,
          headers: headersOf([...(schema.gives?.[Number(status)] ?? []), ...limitsOf(route)]),
          ...(method === 'HEAD' || media.length === 0 ? {} : { content: Object.fromEntries(content) }),
        },
      ];
    }),
  );
}

/** Those of one status together, each code with its title. */
function problemsOf(route: RegisteredRoute): Record<string, Json> {
  return Object.fromEntries(
    [...refusalsOf(route)].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${titleOf(code)}.`).join('\n\n'),
        headers: headersOf([...headersOfProblem(route, status, codes), ...limitsOf(route)]),
        content: { [PROBLEM_MEDIA]: { schema: problemWith(codes) } },
      },
    ]),
  );
}

function headersOfProblem(
  { schema }: RegisteredRoute,
  status: number,
  codes: readonly ProblemCode[],
): readonly AnswerHeader[] {
  if (status === 401) return ['WWW-Authenticate'];
  if (status === 429) return ['Retry-After', 'RateLimit', 'RateLimit-Policy'];
  const again = status === 503 || codes.includes('request.idempotency-key-in-flight');
  // A refusal that was told before is told again.
  const replayed = status === 422 && schema.takes?.includes('Idempotency-Key');
  return [...(again ? (['Retry-After'] as const) : []), ...(replayed ? (['Idempotency-Replayed'] as const) : [])];
}

const headersOf = (names: readonly AnswerHeader[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const problemWith = (codes: readonly ProblemCode[]): Json => ({
  allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
});
