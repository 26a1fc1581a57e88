/** Where an exchange over HTTP is not as the reference says. Pure but for the validators it compiles. */
import type { Documents, Operation } from './documents.js';

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Undefined without one, and where it is no text. */
  readonly sent: string | undefined;
  readonly status: number;
  readonly answered: Headers;
  /** Undefined for a stream. */
  readonly received: string | undefined;
}

/** Undefined when there is none. */
export function httpDeviation(documents: Documents, exchange: Exchange): string | undefined {
  const { method, url, status } = exchange;
  const where = `${method} ${url.pathname} answered ${status}`;
  const operation = operationAt(documents, method, url.pathname);
  const what =
    operation === undefined ? strayDeviation(documents, exchange) : deviationOf(documents, operation, exchange);
  return what === undefined ? undefined : `${where}: ${what}`;
}

function deviationOf(documents: Documents, operation: Operation, exchange: Exchange): string | undefined {
  const { status } = exchange;
  // A stream has no HEAD, though its GET is documented.
  if (exchange.method === 'HEAD' && status === 405) return undefined;
  const answer = operation.responses[status];
  if (answer === undefined)
    return status === 304 && '200' in operation.responses ? undefined : 'the reference has no such status';
  return (
    (status < 300 ? requestDeviation(documents, operation, exchange) : undefined) ??
    headerDeviation(documents, answer.headers ?? {}, exchange.answered) ??
    bodyDeviation(documents, answer.content ?? {}, exchange)
  );
}

/** Whatever is accepted fits the reference. */
function requestDeviation(
  { faultsOf }: Documents,
  { parameters, requestBody }: Operation,
  { url, headers, sent }: Exchange,
): string | undefined {
  const known = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
  // A route without any looks at none.
  const stray = known.size === 0 ? undefined : [...url.searchParams.keys()].find((name) => !known.has(name));
  if (stray !== undefined) return `the parameter ${stray} was accepted, and is not in it`;
  for (const { name, required, schema, ...one } of parameters) {
    const value = one.in === 'query' ? url.searchParams.get(name) : one.in === 'header' ? headers.get(name) : undefined;
    if (value === undefined) continue;
    if (value === null && required === true) return `${name} was left out, which it does not allow`;
    const faults = value === null ? '' : faultsOf(schema, value);
    if (faults !== '') return `${name} was accepted: ${faults}`;
  }
  const body = requestBody?.content['application/json'];
  if (body === undefined || sent === undefined) return undefined;
  const faults = faultsOf(body.schema, JSON.parse(sent));
  return faults === '' ? undefined : `the body was accepted: ${faults}`;
}

/** Of those headers that the reference knows at all: the others are HTTP's. */
function headerDeviation({ openapi }: Documents, documented: object, answered: Headers): string | undefined {
  const stray = Object.keys(openapi.components.headers).find((name) => answered.has(name) && !(name in documented));
  return stray === undefined ? undefined : `it has no header ${stray} there`;
}

function bodyDeviation(
  { faultsOf }: Documents,
  content: NonNullable<Operation['responses'][string]['content']>,
  { method, answered, received }: Exchange,
): string | undefined {
  if (method === 'HEAD') return undefined;
  const type = (answered.get('content-type') ?? '').replace(/;.*$/, '');
  if (type === '' && Object.keys(content).length === 0) return undefined;
  const documented = content[type];
  if (documented === undefined) return `it has no answer of the type ${type || 'none'}`;
  if (received === undefined || !/json/.test(type)) return undefined;
  const faults = faultsOf(documented.schema, JSON.parse(received));
  return faults === '' ? undefined : `the body does not fit: ${faults}`;
}

/** What no operation of the reference takes is refused, or is known to be hidden. */
function strayDeviation(
  { hidden, openapi, faultsOf }: Documents,
  { url, status, received }: Exchange,
): string | undefined {
  if (hidden.some((path) => patternOf(path.replace(/:\w+/g, '{}').replace('*', '{rest}')).test(url.pathname)))
    return undefined;
  if (status < 400) return 'the reference has no such route';
  const problem = openapi.components.schemas['Problem'];
  const faults =
    problem === undefined || received === undefined || received === '' ? '' : faultsOf(problem, JSON.parse(received));
  return faults === '' ? undefined : `it is no problem: ${faults}`;
}

function operationAt({ openapi }: Documents, method: string, pathname: string): Operation | undefined {
  const found = Object.entries(openapi.paths)
    .filter(([path]) => patternOf(path).test(pathname))
    // A path with a name of its own wins over one with a parameter there, as it does in the router.
    .sort(([one], [other]) => one.split('{').length - other.split('{').length);
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  return found.map(([, operations]) => operations[wanted]).find((operation) => operation !== undefined);
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  const known = patterns.get(path);
  if (known !== undefined) return known;
  const source = path
    .replace(/[.]/g, '[.]')
    .replace('{rest}', '.*')
    .replace(/\{\w*\}/g, '[^/]+');
  const pattern = new RegExp(`^${source}$`);
  patterns.set(path, pattern);
  return pattern;
}
