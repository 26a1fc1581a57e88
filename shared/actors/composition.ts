/** How a worker's folder says what it needs from outside: a `composition.ts` that exports one as `composition`. */
import type { DependencyContainer } from 'tsyringe';
import type { Parsed, Variables } from '../../config/variable.js';
import type { Provider } from '../providers/provider.js';

export interface Composition<V extends Variables = Variables> {
  /** Environment variables of this worker alone. */
  readonly variables: V;
  /**
   * Registers the adapters behind the worker's ports. What it opens is closed through `closing`; while a provider given to
   * `dependsOn` is left alone, the worker's actors pause.
   */
  register(
    container: DependencyContainer,
    settings: Parsed<V>,
    closing: (close: () => Promise<void>) => void,
    dependsOn: (provider: Provider) => void,
  ): void;
}

/** Types a composition by its variables. */
export const compose = <V extends Variables>(composition: Composition<V>): Composition<V> => composition;
