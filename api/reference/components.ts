/** Schemas that have a title stand once in a document, under it; wherever they are used is a reference. Pure. */
import { isDeepStrictEqual } from 'node:util';

export type Json = Readonly<Record<string, unknown>>;

/** A schema as JSON writes it. */
export const plain = (schema: unknown): Json => JSON.parse(JSON.stringify(schema)) as Json;

/**
 * Takes the titled schemas out of a document.
 * @throws {TypeError} when two that differ have one title
 */
export function hoisted(document: unknown): { readonly value: unknown; readonly schemas: Record<string, Json> } {
  const schemas: Record<string, Json> = {};
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const walked = Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, name === 'examples' ? one : walk(one)]),
    );
    const { title } = walked;
    // A property may be named so too; that one is a schema, and no text.
    if (typeof title !== 'string' || !('type' in walked || 'anyOf' in walked)) return walked;
    const { [title]: before = walked } = schemas;
    if (!isDeepStrictEqual(before, walked)) throw new TypeError(`two schemas that differ are titled ${title}`);
    schemas[title] = walked;
    return { $ref: `#/components/schemas/${title}` };
  };
  return { value: walk(document), schemas };
}
