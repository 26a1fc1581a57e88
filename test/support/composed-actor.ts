/** What a worker's composition makes of its environment. */
import 'reflect-metadata';
import { container, type InjectionToken } from 'tsyringe';
import { readVariables, type Variables } from '../../config/variable.js';
import type { Composition } from '../../shared/actors/composition.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { testKeyring } from './keyring.js';

export interface Composed<A> {
  readonly actor: A;
  /** Names of those it depends on. */
  readonly providers: readonly string[];
  /** What it closes at the end. */
  readonly closings: number;
}

/** Composes the actor, and closes what was opened for it. */
export async function composedActor<A, V extends Variables>(
  composition: Composition<V>,
  actor: InjectionToken<A>,
  environment: Readonly<Record<string, string>>,
): Promise<Composed<A>> {
  const scope = container.createChildContainer().registerInstance(Keyring, testKeyring);
  const closings: (() => Promise<void>)[] = [];
  const providers: string[] = [];
  composition.register(
    scope,
    readVariables(composition.variables, environment),
    (close) => closings.push(close),
    ({ name }) => providers.push(name),
  );
  const made = scope.resolve(actor);
  await Promise.all(closings.map((close) => close()));
  return { actor: made, providers, closings: closings.length };
}
