/** A value that fits a JSON schema as contracts and routes are written in: the least that is allowed. */

export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/**
 * @param texts of which the first that fits stands in the place of each text
 * @throws {RangeError} for a kind of schema that there was none of so far
 */
export function payloadLike(schema: Schema, texts: readonly string[]): unknown {
  const { type, anyOf, pattern = '', properties = {}, required = [] } = schema;
  const [first] = anyOf ?? [];
  if (first !== undefined) return payloadLike(first, texts);
  if ('const' in schema) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  switch (type) {
    case 'object':
      return Object.fromEntries(required.map((name) => [name, payloadLike(properties[name] ?? {}, texts)]));
    case 'array':
      return Array.from({ length: Math.max(schema.minItems ?? 0, 1) }, () => payloadLike(schema.items ?? {}, texts));
    case 'integer':
    case 'number':
      return schema.minimum ?? 0;
    case 'boolean':
      return false;
    case 'string':
      return texts.find((text) => new RegExp(pattern, 'u').test(text)) ?? 'x'.repeat(schema.minLength ?? 1);
    case undefined:
      // Anything goes.
      return null;
    default:
      throw new RangeError(`no value is known for ${JSON.stringify(schema)}`);
  }
}
