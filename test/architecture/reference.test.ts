import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { OPERATOR_NOTES } from '../../api/reference/operator-notes.js';
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
        const answer = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
        expect(answer, path).to.have.nested.property('content.application/json.schema').that.is.not.empty;
      }
    }
  });
});
