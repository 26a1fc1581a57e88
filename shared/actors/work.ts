/** A delivery that an actor is to handle: decoded, with its handler and the states it needs. */
import { InvalidMessage } from '../messaging/invalid-message.js';
import { type Decoded, decode } from '../messaging/wire.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { ActorDefinition, HandlerDefinition } from './definition.js';
import { WorkSpan } from './work-span.js';

/** Names one state of an actor. */
export interface StateRef {
  /** Name of the table of states among the actor's. */
  readonly state: string;
  readonly key: string;
  /** Both in one, to find it by. */
  readonly id: string;
}

export interface Needed {
  readonly state: string;
  readonly refs: readonly StateRef[];
  /** True when the handler asked for several keys, be it only one this time. */
  readonly several: boolean;
}

/** What a handler is called for. */
export interface Call {
  readonly message: Decoded;
  readonly handler: HandlerDefinition;
  /** One for each table of states, in the order of the actor's. */
  readonly needs: readonly Needed[];
}

export interface Work extends Call {
  readonly delivery: Delivery;
  /** Of all its tables. */
  readonly refs: readonly StateRef[];
  /** Undefined when its order is not traced. */
  readonly span: WorkSpan | undefined;
}

/** Reads a delivery. @throws {InvalidMessage} saying why no attempt can succeed */
export function readWork(actor: ActorDefinition, delivery: Delivery): Work {
  const wrong = wrongAddress(actor, delivery);
  if (wrong !== undefined) throw wrong;
  const message = decode(delivery, (type) => actor.handlers.get(type)?.contract);
  const handler = actor.handlers.get(message.type);
  if (handler === undefined) throw new RangeError(`${message.type} was decoded without a handler`);
  const needs = needsOf(actor, handler, message);
  const span = WorkSpan.begin(actor.name, message, delivery);
  return { delivery, message, handler, needs, refs: refsOf(needs), span };
}

/**
 * A message comes under its own name, or under that of the actor from whoever may send to it alone. The broker asks the permissions of
 * its publisher about this one key; brokers before 4.0 do not ask about those by which the header `CC` brings it to other queues as well.
 * Whoever sends a delivery on to its actor asks this first: the key is another then. Undefined where nothing is wrong.
 */
export function wrongAddress(
  { name }: ActorDefinition,
  { routingKey, type = routingKey }: Delivery,
): InvalidMessage | undefined {
  if (routingKey === name || routingKey === type) return undefined;
  return new InvalidMessage(
    'message.wrong-address',
    `the routing key is ${routingKey}, and not the message's name ${type}: publish it under its name, without the header CC`,
  );
}

export const stateRef = (state: string, key: string): StateRef => ({ state, key, id: `${state}\n${key}` });

/** What a decoded message needs of the actor's states; a state without a key function goes by the order id. */
export function needsOf(actor: ActorDefinition, handler: HandlerDefinition, message: Decoded): Needed[] {
  return Object.keys(actor.states).map((state) => {
    const keys = handler.keys[state]?.(message.payload) ?? message.correlationId;
    return typeof keys === 'string'
      ? { state, refs: [stateRef(state, keys)], several: false }
      : { state, refs: [...new Set(keys)].map((key) => stateRef(state, key)), several: true };
  });
}

/** All states of the needs. */
function refsOf(needs: readonly Needed[]): readonly StateRef[] {
  const [only] = needs;
  return needs.length === 1 && only !== undefined ? only.refs : needs.flatMap(({ refs }) => refs);
}
