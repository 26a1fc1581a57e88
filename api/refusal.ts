/** Turns whatever went wrong into a problem the caller can act on. Nothing internal leaks; what is our fault is logged. */
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify';
import { LetterRefused } from '../shared/postgres/dead-letter-changes.js';
import { databaseFailure } from '../shared/postgres/failure.js';
import { PATTERN_WORDS } from './one-line-text.js';
import { FAULTS_AT_MOST, type Fault, Problem, type ProblemCode, pointerToken } from './problem.js';
import { keyIdOf, storefrontOf } from './storefronts/authentication.js';

const RETRY_AFTER_S = 2;

/** Fastify's error handler. */
export function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  note(problem, error, request, {
    storefront: storefrontOf(request),
    keyId: keyIdOf(request),
    route: request.routeOptions.url,
  });
  answerProblem(problem, reply);
}

/** Fastify's handler for what no route takes. @param methodsAt those that a path has */
export const refuseUnknownRoute =
  (methodsAt: (url: string) => readonly string[]) =>
  (request: FastifyRequest, reply: FastifyReply): void => {
    const methods = methodsAt(request.url);
    if (methods.length > 0) reply.header('allow', methods.join(', '));
    const problem =
      methods.length > 0
        ? new Problem('route.method', `The path takes ${methods.join(', ')}.`)
        : new Problem('route.not-found', 'No resource has this path.');
    refuse(problem, request, reply);
  };

/** Fastify's handler for what never reached its router: such a request knows no route, and carries nothing of ours. */
export function refuseUnrouted(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  note(problem, error, request, {});
  answerProblem(problem, reply);
}

function note(problem: Problem, error: unknown, { log }: FastifyRequest, about: object): void {
  const fields = { ...about, code: problem.code };
  const cause = problem.cause ?? error;
  if (problem.code === 'internal') log.error({ ...fields, err: cause }, 'a request failed');
  else if (problem.status >= 500 || problem.status === 429)
    noteSparingly(log, { ...fields, reason: messageOf(cause) }, problem);
  else log.info({ ...fields, faults: problem.faults.map(placeOf) }, 'refused');
}

const lastNoted = new Map<ProblemCode, number>();
const NOTE_EVERY_MS = 1000;

/** While a server is away every request fails alike, and who asks too often goes on: a line a second tells it, and the metrics tell how many. */
function noteSparingly(log: FastifyRequest['log'], fields: object, { code, message }: Problem): void {
  const now = Date.now();
  const notedLately = now - (lastNoted.get(code) ?? 0) < NOTE_EVERY_MS;
  if (!notedLately) lastNoted.set(code, now);
  log[notedLately ? 'debug' : 'warn'](fields, message);
}

function answerProblem(problem: Problem, reply: FastifyReply): void {
  if (problem.retryAfterS !== undefined) reply.header('retry-after', problem.retryAfterS);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem.body()));
}

/** The refusal that follows from an error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof LetterRefused) return new Problem(error.code, error.message);
  const failure = databaseFailure(error);
  if (failure === 'unavailable' || failure === 'conflict') {
    return new Problem('intake.unavailable', 'The store is away or busy at present; try again.', {
      retryAfterS: RETRY_AFTER_S,
      cause: error,
    });
  }
  if (!isFastifyError(error)) return new Problem('internal', 'It was noted here; try again later.', { cause: error });
  if (error.validation !== undefined) {
    const faults = error.validation.slice(0, FAULTS_AT_MOST).map((fault) => faultOf(fault, error.validationContext));
    return new Problem('request.invalid', 'See "errors" for what to change.', { faults });
  }
  const code: ProblemCode = CODES_BY_STATUS.get(error.statusCode) ?? 'internal';
  return code === 'internal'
    ? new Problem(code, 'It was noted here; try again later.', { cause: error })
    : new Problem(code, DETAILS.get(error.code) ?? 'Check the request line, the headers and the body.');
}

const CODES_BY_STATUS: ReadonlyMap<number | undefined, ProblemCode> = new Map([
  [400, 'request.malformed'],
  [404, 'route.not-found'],
  [414, 'route.not-found'],
  [413, 'request.too-large'],
  [415, 'request.media-type'],
]);

const DETAILS: ReadonlyMap<string, string> = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'Send fewer lines in one request.'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'Send Content-Type: application/json.'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'The body is not JSON, or has a member named "__proto__".'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'The body is empty.'],
  ['FST_ERR_BAD_URL', 'The path is not percent-encoded as it should be.'],
]);

/** A fault of validation, at its place and in words. */
function faultOf({ keyword, instancePath, params, message }: FastifySchemaValidationError, context?: string): Fault {
  const { missingProperty, additionalProperty, allowedValues, pattern } = params;
  const name =
    keyword === 'required' ? missingProperty : keyword === 'additionalProperties' ? additionalProperty : undefined;
  const pointer = name === undefined ? instancePath : `${instancePath}/${pointerToken(String(name))}`;
  const detail =
    keyword === 'required'
      ? 'is missing'
      : keyword === 'additionalProperties'
        ? 'is not a field of this request'
        : keyword === 'enum' && Array.isArray(allowedValues)
          ? `must be one of ${allowedValues.join(', ')}`
          : (PATTERN_WORDS.get(pattern) ?? message ?? 'does not fit');
  return context === 'body' ? { pointer, detail } : { parameter: pointer.slice(1), detail };
}

const placeOf = (fault: Fault): string => ('pointer' in fault ? fault.pointer : fault.parameter);

const isFastifyError = (error: unknown): error is FastifyError =>
  error instanceof Error && 'code' in error && 'statusCode' in error;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
