/** A delivery that an actor is to handle: decoded, with its handler and the keys of the states it needs. */
import type { Decoded } from '../messaging/wire.js';
import type { Delivery } from '../rabbitmq/consumer.js';
import type { ActorDefinition, HandlerDefinition } from './definition.js';

export interface Needed {
  /** Name of the state among the actor's. */
  readonly state: string;
  readonly keys: readonly string[];
  /** True when the handler asked for several keys, be it only one this time. */
  readonly several: boolean;
}

export interface Work {
  readonly delivery: Delivery;
  readonly message: Decoded;
  readonly handler: HandlerDefinition;
  readonly needs: readonly Needed[];
}

/** What a decoded message needs of the actor's states; a state without a key function goes by the order id. */
export function needsOf(actor: ActorDefinition, handler: HandlerDefinition, message: Decoded): Needed[] {
  return Object.keys(actor.states).map((state) => {
    const keys = handler.keys[state]?.(message.payload) ?? message.correlationId;
    return typeof keys === 'string'
      ? { state, keys: [keys], several: false }
      : { state, keys: [...new Set(keys)], several: true };
  });
}

/** Calls `visit` for each state and key the work needs. */
export function forEachKey({ needs }: Work, visit: (state: string, key: string) => void): void {
  for (const { state, keys } of needs) for (const key of keys) visit(state, key);
}
