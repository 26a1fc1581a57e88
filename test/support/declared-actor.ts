/** An actor as the runtime wants it, made of an object of its class. */
import { type ActorDefinition, definitionOf } from '../../shared/actors/definition.js';

export interface DeclaredActor {
  readonly definition: ActorDefinition;
  /** Its methods are looked up by the names that the decorators recorded. */
  readonly instance: Readonly<Record<string, unknown>>;
}

/** @throws {TypeError} when the object's class is no actor */
export function declaredActor(actor: object): DeclaredActor {
  const definition = definitionOf(actor.constructor);
  if (definition === undefined) throw new TypeError(`${actor.constructor.name} has no @Actor`);
  return { definition, instance: actor as DeclaredActor['instance'] };
}
