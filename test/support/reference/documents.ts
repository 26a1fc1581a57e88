/** What the intake tells of itself: both references, read once, with a validator for the schemas in them. */
import 'reflect-metadata';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { unservedIntake } from '../unserved-intake.js';

export interface Operation {
  /** Schemes, any of which is enough; none for everybody. */
  readonly security?: readonly object[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly headers?: object; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema: object }>>;

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly headers: object; readonly schemas: Readonly<Record<string, object>> };
}

export interface AsyncApi {
  readonly components: {
    readonly messages: Readonly<Record<string, { readonly headers: object; readonly payload: object }>>;
  };
}

export interface Documents {
  readonly openapi: OpenApi;
  readonly asyncapi: AsyncApi;
  /** Paths that are served and not documented, as Fastify writes them. */
  readonly hidden: readonly string[];
  /** What is wrong with a value by a schema of one of the two; empty when nothing is. */
  readonly faultsOf: (schema: object, value: unknown) => string;
}

let read: Promise<Documents> | undefined;

export function documents(): Promise<Documents> {
  read ??= readDocuments();
  return read;
}

async function readDocuments(): Promise<Documents> {
  const intake = unservedIntake();
  const [openapi, asyncapi] = await Promise.all(
    ['/openapi.json', '/asyncapi.json'].map(async (path) => (await intake.app.inject(path)).json()),
  );
  const hidden = intake.routes.filter(({ schema }) => schema.hidden !== undefined).map(({ path }) => path);
  await intake.close();
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  const compiled = new Map<object, ValidateFunction>();
  return {
    openapi,
    asyncapi,
    hidden,
    faultsOf: (schema, value) => {
      const check = compiled.get(schema) ?? ajv.compile({ ...schema, components: openapi.components });
      compiled.set(schema, check);
      return check(value) ? '' : ajv.errorsText(check.errors);
    },
  };
}
