import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { breaksOf, type Direction } from '../../api/reference/compatibility.js';
import type { Json } from '../../api/reference/components.js';
import { API_VERSION } from '../../api/reference/openapi.js';
import type { OpenApi, Operation } from '../support/reference/documents.js';
import { unservedIntake } from '../support/unserved-intake.js';

/** Of a route, what callers send and what they are told, each under a name. */
interface Promised {
  readonly sent: Readonly<Record<string, Json>>;
  readonly answered: Readonly<Record<string, Json>>;
}

interface Published {
  readonly version: string;
  readonly routes: Readonly<Record<string, Promised>>;
}

const FILE = 'docs/contracts/api.json';

describe('the published API of storefronts', () => {
  let published: Published;
  let now: Published;

  before(async () => {
    const intake = unservedIntake();
    const openapi = (await intake.app.inject('/openapi.json')).json<OpenApi>();
    await intake.close();
    now = { version: API_VERSION, routes: promisesOf(openapi) };
    published = JSON.parse(await readFile(FILE, 'utf8').catch(() => '{"version":"0.0.0","routes":{}}'));
  });

  it('breaks no caller, but as a new version', () => {
    if (major(now) > major(published)) return;
    const broken = Object.entries(published.routes).flatMap(([route, before]) => {
      const after = now.routes[route];
      return after === undefined
        ? [`${route} is gone`]
        : breaksOfRoute(before, after).map((what) => `${route}: ${what}`);
    });
    expect(broken, 'leave it as it was, or raise the first number of API_VERSION').to.deep.equal([]);
  });

  /** What grew is noted by CONTRACTS=publish; what broke fails above whatever is noted. */
  it(`stands in ${FILE} as it is`, async function () {
    const failed = this.test?.parent?.tests.some(({ state }) => state === 'failed');
    if (process.env['CONTRACTS'] === 'publish' && !failed) await writeFile(FILE, `${JSON.stringify(now, null, 2)}\n`);
    else expect(published, 'run: npm run contracts').to.deep.equal(now);
  });
});

const major = ({ version }: Published): number => Number.parseInt(version, 10);

function breaksOfRoute(before: Promised, after: Promised): string[] {
  const gone = (way: Direction): string[] =>
    Object.entries(before[way]).flatMap(([name, schema]) => {
      const next = after[way][name];
      return next === undefined ? [`${name} is gone`] : breaksOf(schema, next, way, name);
    });
  const asked = Object.entries(after.sent).filter(
    ([name, schema]) => !(name in before.sent) && schema['needed'] === true,
  );
  return [...gone('sent'), ...gone('answered'), ...asked.map(([name]) => `${name} is required`)];
}

/** Operators' routes and what processes are watched by are no promise. */
function promisesOf({ paths, components }: OpenApi): Record<string, Promised> {
  const whole = (value: unknown): Json => inlined(value) as Json;
  const inlined = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inlined);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref } = value as { readonly $ref?: string };
    if ($ref !== undefined) return inlined(components.schemas[$ref.split('/').at(-1) ?? '']);
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inlined(one)]));
  };
  const promiseOf = ({ parameters, requestBody, responses }: Operation): Promised => ({
    sent: Object.fromEntries([
      ...parameters.map(({ name, schema, required = false, ...one }) => [
        `${one.in} ${name}`,
        { ...schema, needed: required },
      ]),
      ...(requestBody === undefined ? [] : [['body', whole(requestBody.content['application/json']?.schema)]]),
    ]),
    answered: Object.fromEntries(
      Object.entries(responses)
        .filter(([status]) => status.startsWith('2'))
        .map(([status, { content }]) => [status, whole(content?.['application/json']?.schema ?? {})]),
    ),
  });
  const keyed = Object.entries(paths).filter(([path]) => !path.startsWith('/operator/'));
  return Object.fromEntries(
    keyed.flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { responses }]) => '401' in responses)
        .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, promiseOf(operation)]),
    ),
  );
}
