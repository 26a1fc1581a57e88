/**
 * A message contract is one value from which everything follows: the TypeScript type, the validation on both ends,
 * the exchange and the routing key.
 */
import { InvalidMessage } from './invalid-message.js';
import { Compile, type Static, type TSchema, type Validator } from './typebox.js';

/** Turns the payload of one schema version into that of the next. */
export type Upcaster = (older: unknown) => unknown;

export interface Contract<S extends TSchema = TSchema> {
  readonly kind: 'event' | 'command';
  /** Full name and routing key, e.g. `inventory.stock-reserved`. */
  readonly name: string;
  /** Owner and exchange, the part of the name before the dot. */
  readonly exchange: string;
  /** Newest schema version, from 1. */
  readonly version: number;
  readonly schema: S;
  /** From version N to N + 1, by N. */
  readonly upcasters: ReadonlyMap<number, Upcaster>;
  /**
   * Returns the payload as the newest version, checked.
   * @throws {InvalidMessage} `message.unknown-version` or `message.invalid`
   */
  parse(payload: unknown, version?: number): Static<S>;
}

/** The TypeScript type of a contract's payload. */
export type Payload<C> = C extends Contract<infer S> ? Static<S> : never;

/** A fact in the past tense, owned by the worker that publishes it. */
export function event<S extends TSchema>(
  name: string,
  version: number,
  schema: S,
  upcasters: Readonly<Record<number, Upcaster>> = {},
): Contract<S> {
  return contract('event', name, version, schema, upcasters);
}

/** An imperative, owned by the worker that obeys it. */
export function command<S extends TSchema>(
  name: string,
  version: number,
  schema: S,
  upcasters: Readonly<Record<number, Upcaster>> = {},
): Contract<S> {
  return contract('command', name, version, schema, upcasters);
}

const NAME = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

function contract<S extends TSchema>(
  kind: Contract['kind'],
  name: string,
  version: number,
  schema: S,
  upcasters: Readonly<Record<number, Upcaster>>,
): Contract<S> {
  if (!NAME.test(name)) throw new TypeError(`"${name}" is no message name; write owner.what-happened in kebab case`);
  const steps = new Map(Object.entries(upcasters).map(([from, upcast]) => [Number(from), upcast]));
  for (let from = 1; from < version; from++) {
    if (!steps.has(from))
      throw new TypeError(`${name} is at version ${version} but has no upcaster from version ${from}`);
  }
  let validator: Validator | undefined;
  return {
    kind,
    name,
    exchange: name.slice(0, name.indexOf('.')),
    version,
    schema,
    upcasters: steps,
    parse(payload, from = version) {
      if (!Number.isInteger(from) || from < 1 || from > version) {
        throw new InvalidMessage(
          'message.unknown-version',
          `${name} arrived as version ${from}; this release knows 1 to ${version}. Deploy the newer release, then redrive`,
        );
      }
      let newest = payload;
      for (let step = from; step < version; step++) newest = steps.get(step)?.(newest);
      validator ??= Compile(schema);
      if (!validator.Check(newest)) {
        const [, [fault]] = validator.Errors(newest);
        const where = fault?.instancePath || '/';
        throw new InvalidMessage(
          'message.invalid',
          `${name} at ${where}: ${fault?.message ?? 'does not match its schema'}`,
        );
      }
      // The check above is what makes this assertion true.
      return newest as Static<S>;
    },
  };
}
