import type { Work } from './work.js';

/** The method that handles the work, bound to the actor's instance. */
export function handlerOf(instance: Readonly<Record<string, unknown>>, work: Work): (...args: unknown[]) => unknown {
  const method = instance[work.handler.method];
  if (typeof method !== 'function') throw new TypeError(`${work.handler.method} is no method of the actor`);
  return method.bind(instance);
}
