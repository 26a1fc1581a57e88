/**
 * Puts the scheduler's time in the place of Node's while a run lasts: timers, both kinds of them, `Date`, `performance.now` and
 * `Math.random`. A timer belongs to whoever set it, and dies with him.
 */
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { Chance } from './chance.js';
import type { Event, Scheduler } from './scheduler.js';

/** When runs begin, whatever the real time is. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** What code does with a timer, besides clearing it. */
interface Timer {
  event: Event;
  unref(): Timer;
  ref(): Timer;
}

/** @param onSignal what becomes of a process that sends itself a signal, as the runtime does when it finds a defect */
export async function inVirtualTime<T>(
  scheduler: Scheduler,
  chance: Chance,
  onSignal: () => void,
  run: () => Promise<T>,
): Promise<T> {
  const nowMs = (): number => Math.floor(EPOCH_MS + scheduler.nowMs + scheduler.current.skewMs);
  const timer = (event: Event): Timer => {
    const made: Timer = { event, unref: () => made, ref: () => made };
    return made;
  };
  const clear = (made: Timer | undefined | null): void => {
    if (made?.event !== undefined) made.event.cancelled = true;
  };
  const setVirtualTimeout = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): Timer =>
    timer(scheduler.after(ms, scheduler.current, () => act(...args)));
  const setVirtualInterval = (act: (...args: unknown[]) => void, ms: number, ...args: unknown[]): Timer => {
    const owner = scheduler.current;
    const again = (): Event =>
      scheduler.after(ms, owner, () => {
        made.event = again();
        act(...args);
      });
    const made = timer(again());
    return made;
  };
  const wait = <V>(ms: number, value?: V, { signal }: { signal?: AbortSignal } = {}): Promise<V | undefined> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const event = scheduler.after(ms, scheduler.current, () => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      });
      const abort = (): void => {
        event.cancelled = true;
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  const VirtualDate = new Proxy(Date, {
    construct: (date, args: [number] | []) => (args.length === 0 ? new date(nowMs()) : new date(args[0])),
    get: (date, name) => (name === 'now' ? nowMs : Reflect.get(date, name)),
  });

  const replaced: [object, Readonly<Record<string, unknown>>][] = [
    [
      globalThis,
      {
        setTimeout: setVirtualTimeout,
        clearTimeout: clear,
        setInterval: setVirtualInterval,
        clearInterval: clear,
        Date: VirtualDate,
      },
    ],
    [timersPromises, { setTimeout: wait }],
    [performance, { now: () => scheduler.nowMs }],
    [Math, { random: () => chance.next() }],
    [process, { kill: onSignal }],
  ];
  const before = replaced.map(([target, parts]) =>
    Object.fromEntries(Object.keys(parts).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)])),
  );
  const known = new Set(Object.keys(globalThis));
  for (const [target, parts] of replaced) {
    for (const [name, value] of Object.entries(parts)) {
      Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true });
    }
  }
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    for (const [index, [target]] of replaced.entries()) {
      for (const [name, descriptor] of Object.entries(before[index] ?? {})) {
        if (descriptor === undefined) Reflect.deleteProperty(target, name);
        else Object.defineProperty(target, name, descriptor);
      }
    }
    // What one run leaves behind would be known to the next.
    for (const name of Object.keys(globalThis)) if (!known.has(name)) Reflect.deleteProperty(globalThis, name);
    syncBuiltinESMExports();
  }
}
