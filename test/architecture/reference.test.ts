import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { OPERATOR_NOTES } from '../../api/reference/operator-notes.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { type UnservedIntake, unservedIntake } from '../support/unserved-intake.js';

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> };
}

interface Reference {
  readonly $ref: string;
}

interface AsyncApi {
  readonly channels: Readonly<Record<string, unknown>>;
  readonly operations: Readonly<
    Record<string, { readonly channel: Reference; readonly messages: readonly Reference[] }>
  >;
}

describe('the reference of the messages', () => {
  let intake: UnservedIntake;
  let asyncapi: AsyncApi;

  before(async () => {
    intake = unservedIntake();
    asyncapi = (await intake.app.inject('/asyncapi.json')).json<AsyncApi>();
  });
  after(() => intake.close());

  it('is valid AsyncAPI 3.0', async () => {
    // Its keywords are those of draft 7, but for some that only its own tools know.
    const ajv = addFormats.default(new Ajv({ strict: false, validateFormats: false, allErrors: true }));
    const schema = JSON.parse(await readFile('node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json', 'utf8'));
    expect(ajv.validate(schema, asyncapi), ajv.errorsText()).to.equal(true);
  });

  it('has every message of every worker, who tells it and who listens', async () => {
    const workers = await loadWorkers(await workerNames());
    const names = workers.flatMap(({ contracts }) => contracts.map(({ name }) => name));
    expect(Object.keys(asyncapi.channels)).to.have.members(names);
    const handlers = workers.flatMap(({ actors }) =>
      actors.flatMap(({ definition: { name, handlers } }) =>
        [...handlers.keys()].map((type) => `${name}.receive.${type}`),
      ),
    );
    const operations = Object.keys(asyncapi.operations);
    expect(operations.filter((one) => one.includes('.receive.'))).to.have.members(handlers);
    expect(operations).to.include('orders.send.orders.order-placed');
    for (const { channel, messages } of Object.values(asyncapi.operations)) {
      for (const { $ref } of [channel, ...messages]) expect(pointedAt(asyncapi, $ref), $ref).to.be.an('object');
    }
  });
});

/** What a reference inside the document leads to. */
const pointedAt = (document: unknown, reference: string): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>((found, name) => (found as Readonly<Record<string, unknown>> | undefined)?.[name], document);

describe('the reference of the HTTP API', () => {
  let intake: UnservedIntake;
  let openapi: OpenApi;

  before(async () => {
    intake = unservedIntake();
    openapi = (await intake.app.inject('/openapi.json')).json<OpenApi>();
  });
  after(() => intake.close());

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate({ ...structuredClone(openapi) });
    expect(errors).to.equal(undefined);
    expect([valid, validator.version]).to.deep.equal([true, '3.1']);
  });

  it('has every route, but for those that say why they are hidden', () => {
    const shown = Object.entries(openapi.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const expected = intake.routes
      .filter(({ method, schema }) => method !== 'HEAD' && schema.hidden === undefined)
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(shown).to.have.members(expected).and.include('POST /orders');
    const hidden = intake.routes.filter(({ schema }) => schema.hidden !== undefined);
    for (const { path, schema } of hidden) expect(schema.hidden, path).to.match(/^it is .{10}/);
  });

  it('says of every operation in a few words what it does', () => {
    for (const [path, operations] of Object.entries(openapi.paths)) {
      for (const { summary } of Object.values(operations))
        expect(summary, path)
          .to.be.a('string')
          .and.match(/^.{5,80}$/);
    }
  });

  it("knows no operators' route that is gone", () => {
    const routes = intake.routes.map(({ method, path }) => `${method} ${path}`);
    expect(routes).to.include.members(Object.keys(OPERATOR_NOTES));
  });

  it('has a schema of every answer to a storefront, and examples that fit theirs', () => {
    const ajv = addFormats.default(new Ajv2020({ strict: false }));
    ajv.addSchema(openapi, 'openapi');
    let examples = 0;
    for (const [name, schema] of Object.entries(openapi.components.schemas)) {
      for (const example of schema.examples ?? []) {
        expect(ajv.validate(`openapi#/components/schemas/${name}`, example), `${name}: ${ajv.errorsText()}`).to.equal(
          true,
        );
        examples++;
      }
    }
    expect(examples).to.be.greaterThan(5);
    const storefronts = Object.entries(openapi.paths).filter(([path]) => !path.startsWith('/operator/'));
    for (const [path, operations] of storefronts) {
      const keyed = Object.values(operations).filter(({ responses }) => '401' in responses);
      for (const { responses } of keyed) {
        // 204 has no body.
        if ('204' in responses) continue;
        const answer = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
        expect(answer, path).to.have.nested.property('content.application/json.schema').that.is.not.empty;
      }
    }
  });
});
