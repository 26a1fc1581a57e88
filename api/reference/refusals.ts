/** Which refusals a route can answer with: its own, and those that follow from what it takes. Pure. */
import { type ProblemCode, statusOf } from '../problem.js';
import type { RegisteredRoute } from './route-notes.js';

/** By status, the codes of its problems. */
export type Refusals = ReadonlyMap<number, readonly ProblemCode[]>;

/** Whatever is asked for. */
const ANY: readonly ProblemCode[] = [
  'request.malformed',
  'request.timeout',
  'request.expectation',
  'request.headers-too-large',
  'request.rate-limited',
  'internal',
  'intake.overloaded',
];
const KEYED: readonly ProblemCode[] = ['request.unauthenticated', 'intake.unavailable'];
const WITH_BODY: readonly ProblemCode[] = ['request.too-large', 'request.media-type', 'request.invalid'];
const IDEMPOTENT: readonly ProblemCode[] = [
  'request.idempotency-key',
  'request.idempotency-key-reused',
  'request.idempotency-key-in-flight',
];
/** Of a change, with a session or as a viewer. */
const OPERATED: readonly ProblemCode[] = ['operator.csrf', 'operator.forbidden'];

export const isOperators = ({ path }: Pick<RegisteredRoute, 'path'>): boolean => path.startsWith('/operator/');

export function refusalsOf(route: RegisteredRoute): Refusals {
  const { method, schema, scope } = route;
  const changes = method !== 'GET';
  const codes = new Set<ProblemCode>([
    ...ANY,
    ...(schema.open ? [] : KEYED),
    ...(scope === undefined || scope === 'any' ? [] : (['request.scope'] as const)),
    // A body is read, and may be refused, also where none is asked for.
    ...(changes ? WITH_BODY : []),
    ...(schema.querystring === undefined && schema.params === undefined ? [] : (['request.invalid'] as const)),
    // A parameter of a path that is too long is none.
    ...(schema.params === undefined ? [] : (['route.not-found'] as const)),
    ...(schema.takes?.includes('Idempotency-Key') ? IDEMPOTENT : []),
    ...(changes && isOperators(route) ? OPERATED : []),
    ...(schema.problems ?? []),
  ]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const status = statusOf(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}
