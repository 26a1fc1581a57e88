/** What a replay does with a message: it sends it, or leaves it out and counts why. Pure. */
import { InvalidMessage } from '../../messaging/invalid-message.js';
import type { Replayable } from '../../postgres/replay-source.js';
import type { ActorDefinition } from '../definition.js';

/**
 * - `handled`: the actor's inbox has it. - `dead`: a dead letter of it stands at the actor. - `effects-off`: the actor acts on it
 *   outside, and nobody asked for that. - `invalid`: it does not fit its contract any more. - `decision`, `effect`: it is sent.
 */
export type Fate = 'handled' | 'dead' | 'effects-off' | 'invalid' | 'decision' | 'effect';

/** @param effects whether messages that the actor acts on outside are sent too */
export function fateOf(
  { type, version, body, handled, dead }: Pick<Replayable, 'type' | 'version' | 'body' | 'handled' | 'dead'>,
  { handlers }: Pick<ActorDefinition, 'handlers'>,
  effects: boolean,
): Fate {
  if (handled) return 'handled';
  if (dead) return 'dead';
  const handler = handlers.get(type);
  if (handler === undefined) return 'invalid';
  if (handler.kind === 'effect' && !effects) return 'effects-off';
  try {
    handler.contract.parse(JSON.parse(body), version);
  } catch (error) {
    if (error instanceof InvalidMessage) return 'invalid';
    throw error;
  }
  return handler.kind;
}

export const isSent = (fate: Fate): boolean => fate === 'decision' || fate === 'effect';
