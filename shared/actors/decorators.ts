/** Declares actors: a class with `@Actor`, its methods with `@Decide` or `@Effect`. */
import 'reflect-metadata';
import { injectable } from 'tsyringe';
import type { Contract, Payload } from '../messaging/contract.js';
import { type ActorOptions, addHandler, defineActor, type KeysOf, type StateShape } from './definition.js';
import type { KeyedState, State, States } from './keyed-state.js';
import type { EffectOutgoing, Outgoing } from './outgoing.js';

// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts every state here; @Actor checks which one it is
type AnyState = any;

type StateOf<K> = K extends (message: never) => readonly string[]
  ? States<AnyState>
  : K extends (message: never) => string
    ? State<AnyState>
    : AnyState;

/** A type that no descriptor has: the method is refused, and the message is what the compiler prints. */
type Refuse<Why extends string> = { readonly refused: Why };

type Decision<C, K, H> = H extends (message: Payload<C>, state: StateOf<K>, outgoing: Outgoing) => infer R
  ? R extends PromiseLike<unknown>
    ? Refuse<'a decision is synchronous; make it an @Effect'>
    : unknown
  : Refuse<'the handler does not take this message'>;

type EffectHandler<C, K, H> = H extends (
  message: Payload<C>,
  state: StateOf<K>,
  outgoing: EffectOutgoing,
) => Promise<void>
  ? unknown
  : Refuse<'an effect takes this message and returns Promise<void>'>;

/**
 * The method decides: it runs inside the transaction, on states that are loaded and locked, and returns at once.
 * `keys` says which states it needs; without it, the one of the order. With `storedOrder` it decides nothing for an order that
 * the intake has not stored: for handlers that act on the first they hear of an order.
 */
export function Decide<C extends Contract, K extends KeysOf<Payload<C>>>(
  contract: C,
  { keys, storedOrder = false }: { readonly keys?: K; readonly storedOrder?: boolean } = {},
) {
  return <H extends (...args: never[]) => unknown>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<H> & Decision<C, K, H>,
  ): void => addHandler(target, { kind: 'decision', contract, method, keys, storedOrder });
}

/**
 * The method acts on the outside world: it runs before the transaction on a snapshot, and again when the state has moved
 * meanwhile. `step` completes the idempotency key (default: the method's name). With `persons` it can `open` what tells of them.
 * With that or `storedOrder` it does nothing for an order that the intake has not stored.
 */
export function Effect<C extends Contract, K extends KeysOf<Payload<C>>>(
  contract: C,
  {
    keys,
    persons = false,
    storedOrder = persons,
    step,
  }: { readonly keys?: K; readonly persons?: boolean; readonly storedOrder?: boolean; readonly step?: string } = {},
) {
  return <H extends (...args: never[]) => unknown>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<H> & EffectHandler<C, K, H>,
  ): void => addHandler(target, { kind: 'effect', contract, method, keys, persons, storedOrder, step: step ?? method });
}

type FitsOne<T, P> =
  P extends State<infer V>
    ? V extends T
      ? true
      : false
    : P extends States<infer V>
      ? V extends T
        ? true
        : false
      : false;
type Fits<S, P> =
  S extends KeyedState<infer T>
    ? FitsOne<T, P>
    : false extends {
          [N in keyof P]: N extends keyof S ? (S[N] extends KeyedState<infer T> ? FitsOne<T, P[N]> : false) : false;
        }[keyof P]
      ? false
      : true;

/** Methods that take an `Outgoing` third are handlers; their states must be the actor's. */
type HandlersOn<S, I> = {
  [M in keyof I]: I[M] extends (message: never, state: infer P, outgoing: infer O) => unknown
    ? O extends Outgoing
      ? Fits<S, P> extends true
        ? I[M]
        : Refuse<"the handler's state is not the actor's">
      : I[M]
    : I[M];
};

/** Declares the class an actor: one queue, its handlers' bindings, its states. Its constructor takes ports by `@inject`. */
export function Actor<S extends StateShape>(options: ActorOptions<S>) {
  return <I extends object>(
    actor: (new (
      ...ports: never[]
    ) => I) &
      (I extends HandlersOn<S, I> ? unknown : Refuse<"a handler's state is not the actor's">),
  ): void => {
    defineActor(actor, options as ActorOptions<StateShape>);
    injectable()(actor);
  };
}
