/** Somebody outside, asked over a network: a process may die before it asks, while it waits, and before it hears the answer. */
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

export function overNetwork<T extends object>(world: World, process: SimulatedProcess, port: T): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          if (!process.acts(`asks to ${String(name)}`)) return;
          world.soon(() => {
            const answer: Promise<unknown> = Promise.resolve(Reflect.apply(method, target, args));
            const back = (settle: () => void) => () => void world.after(world.latencyMs(), process, settle);
            answer.then(
              (value) => back(() => resolve(value))(),
              (error: unknown) => back(() => reject(error))(),
            );
          });
        });
    },
  });
}
