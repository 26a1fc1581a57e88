/** What the decorators record of an actor, and what the runtime and the topology read. */
import type { Contract } from '../messaging/contract.js';
import type { KeyedState } from './keyed-state.js';

/** One table of states, or several by name. */
export type StateShape = KeyedState<unknown> | Readonly<Record<string, KeyedState<unknown>>>;

type KeyFunction<M> = (message: M) => string | readonly string[];
/** Which keys a message needs: of the one table, or of each table by name. What has none goes by the order id. */
export type KeysOf<M> = KeyFunction<M> | Readonly<Record<string, KeyFunction<M>>>;

export interface ActorOptions<S extends StateShape = StateShape> {
  /** Queue name, kebab case; by custom that of the worker's folder. */
  readonly name: string;
  readonly state: S;
  /** Messages of other owners that its handlers publish: by them it is let in at those exchanges. @default none */
  readonly sends?: readonly Contract[];
  /** Unacked deliveries a process holds at most. Override: `<NAME>_PREFETCH`. @default 200 */
  readonly prefetch?: number;
  /** Effects under way at once in a process. Override: `<NAME>_CONCURRENCY`. @default 20 */
  readonly concurrency?: number;
  /** Attempts before an error of no declared kind becomes a dead letter, from 1. @default 6 */
  readonly maxAttempts?: number;
  /** After this long an effect's signal aborts, in milliseconds. @default 15_000 */
  readonly effectTimeoutMs?: number;
  /**
   * In busy times, or always, a small batch waits this long for more, in milliseconds. Until it is committed, what its effects did is done
   * again when the process dies: fewer for an effect that nobody keeps from happening twice. 0 to 1000. @default 30
   */
  readonly lingerMs?: number;
  /** Small batches wait in quiet times, too: for what nobody waits for, which costs a few transactions a second then. @default false */
  readonly alwaysLingers?: boolean;
}

export interface HandlerDefinition {
  readonly kind: 'decision' | 'effect';
  readonly contract: Contract;
  readonly method: string;
  /** By state name; the single table of an actor is named by `SINGLE`. A missing name means the order id. */
  readonly keys: Readonly<Record<string, (message: unknown) => string | readonly string[]>>;
  /** Opens what tells of persons: the keys of their orders are fetched for it. */
  readonly persons: boolean;
  /** Only for orders that the intake has stored; a message about another is tried again, and then given up. */
  readonly storedOrder: boolean;
  /** Last part of the idempotency key; empty for decisions. */
  readonly step: string;
}

export interface ActorDefinition {
  readonly name: string;
  readonly states: Readonly<Record<string, KeyedState>>;
  /** True when handlers get the one state itself, not a record of states. */
  readonly single: boolean;
  readonly prefetch: number;
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly effectTimeoutMs: number;
  readonly lingerMs: number;
  readonly alwaysLingers: boolean;
  /** What it publishes of other owners. */
  readonly sends?: readonly Contract[];
  /** By message name. */
  readonly handlers: ReadonlyMap<string, HandlerDefinition>;
}

/** The name under which an actor's only table stands in `ActorDefinition.states`. */
const SINGLE = 'state';

/** A process that stops waits for its batches. */
const LINGER_AT_MOST_MS = 1000;
/** What is taken for a number that is left out. */
const NUMBERS = { prefetch: 200, concurrency: 20, maxAttempts: 6, effectTimeoutMs: 15_000, lingerMs: 30 } as const;
const OPTIONS = ['name', 'state', 'sends', 'alwaysLingers', ...Object.keys(NUMBERS)];
const NAME = /^[a-z][a-z0-9-]*$/;

interface DeclaredHandler {
  readonly kind: HandlerDefinition['kind'];
  readonly contract: Contract;
  readonly method: string;
  readonly keys: unknown;
  readonly persons?: boolean;
  readonly storedOrder: boolean;
  readonly step?: string;
}

const handlersOf = new WeakMap<object, DeclaredHandler[]>();
const definitions = new WeakMap<object, ActorDefinition>();

/** Records a handler of the class whose prototype is given. */
export function addHandler(prototype: object, handler: DeclaredHandler): void {
  const handlers = handlersOf.get(prototype) ?? [];
  handlers.push(handler);
  handlersOf.set(prototype, handlers);
}

/** Records the actor. @throws {TypeError} for what can never work, naming the remedy */
export function defineActor(actor: { readonly prototype: object; readonly name: string }, options: ActorOptions): void {
  for (const option of Object.keys(options)) {
    if (!OPTIONS.includes(option)) {
      throw new TypeError(`actor ${options.name}: unknown option "${option}"; there are ${OPTIONS.join(', ')}`);
    }
  }
  if (!NAME.test(options.name)) throw new TypeError(`"${options.name}" is no actor name; write it in kebab case`);
  const single = isKeyedState(options.state);
  const states: Readonly<Record<string, KeyedState>> = single
    ? { [SINGLE]: options.state as KeyedState }
    : (options.state as Readonly<Record<string, KeyedState>>);
  const handlers = new Map<string, HandlerDefinition>();
  for (const declared of handlersOf.get(actor.prototype) ?? []) {
    const { contract, method, kind } = declared;
    if (handlers.has(contract.name))
      throw new TypeError(`actor ${options.name} handles ${contract.name} twice; keep one`);
    handlers.set(contract.name, {
      kind,
      contract,
      method,
      keys: namedKeys(declared.keys, states, options.name),
      persons: declared.persons ?? false,
      storedOrder: declared.storedOrder,
      step: declared.step ?? '',
    });
  }
  if (handlers.size === 0)
    throw new TypeError(`actor ${options.name} handles nothing; decorate a method with @Decide or @Effect`);
  definitions.set(actor, {
    name: options.name,
    states,
    single,
    prefetch: atLeastOne(options, 'prefetch'),
    concurrency: atLeastOne(options, 'concurrency'),
    maxAttempts: atLeastOne(options, 'maxAttempts'),
    effectTimeoutMs: atLeastOne(options, 'effectTimeoutMs'),
    lingerMs: wholeNumber(options, 'lingerMs', 0, LINGER_AT_MOST_MS),
    alwaysLingers: yesOrNo(options, 'alwaysLingers'),
    ...(options.sends && { sends: options.sends }),
    handlers,
  });
}

/** What `@Actor` recorded of a class; undefined when it is no actor. */
export function definitionOf(actor: object): ActorDefinition | undefined {
  return definitions.get(actor);
}

function isKeyedState(state: StateShape): boolean {
  return typeof (state as { table?: unknown }).table === 'string';
}

function namedKeys(
  keys: unknown,
  states: Readonly<Record<string, KeyedState>>,
  actor: string,
): HandlerDefinition['keys'] {
  if (keys === undefined) return {};
  const named = typeof keys === 'function' ? { [SINGLE]: keys } : (keys as object);
  for (const name of Object.keys(named)) {
    if (!(name in states))
      throw new TypeError(`actor ${actor}: keys name the state "${name}"; there are ${Object.keys(states).join(', ')}`);
  }
  // The decorators typed each function; here only their names are known.
  return named as HandlerDefinition['keys'];
}

function yesOrNo(options: ActorOptions, name: 'alwaysLingers'): boolean {
  const value = options[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new TypeError(`actor ${options.name}: ${name} is ${value}; it must be true or false`);
}

const atLeastOne = (options: ActorOptions, name: keyof typeof NUMBERS): number => wholeNumber(options, name, 1);

function wholeNumber(options: ActorOptions, name: keyof typeof NUMBERS, least: number, most = Infinity): number {
  const value = options[name] ?? NUMBERS[name];
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new TypeError(`actor ${options.name}: ${name} is ${value}; it must be a whole number ${range}`);
}
