/** Lets the faults of a plan happen, each at its time, and heals them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from './fault.js';
import type { Step } from './plan.js';
import type { System } from './system.js';

/** What became of a step. Times are in milliseconds since 1970. */
export interface Happening {
  readonly name: string;
  readonly victim: string;
  readonly isUnnoticed: boolean;
  readonly beganAt: number;
  readonly healedAt: number;
}

export interface Clockwork {
  /** When the load began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Nothing new begins after so long. */
  readonly durationMs: number;
  /** Heals what there is to heal, and begins nothing more. */
  readonly signal: AbortSignal;
  readonly onBegin: (name: string, victim: string) => void;
  readonly onHeal: (name: string, victim: string) => void;
}

const LOOK_EVERY_MS = 50;

/** Resolves when all are healed. What takes longer than was planned makes those wait that touch the same part. */
export async function injectAll(steps: readonly Step[], system: System, clockwork: Clockwork): Promise<Happening[]> {
  const taken = new Set<Part>();
  const happenings: Happening[] = [];
  await Promise.all(steps.map((step) => inject(step, system, clockwork, taken, happenings)));
  return happenings.sort((one, other) => one.beganAt - other.beganAt);
}

async function inject(
  { atMs, lastsMs, fault, chance }: Step,
  system: System,
  { startedAt, durationMs, signal, onBegin, onHeal }: Clockwork,
  taken: Set<Part>,
  happenings: Happening[],
): Promise<void> {
  const { name, touches, isUnnoticed = false } = fault;
  await waited(startedAt + atMs - Date.now(), signal);
  while (touches.some((part) => taken.has(part)) && !signal.aborted) await waited(LOOK_EVERY_MS, signal);
  if (signal.aborted || Date.now() > startedAt + durationMs) return;
  for (const part of touches) taken.add(part);
  try {
    const beganAt = Date.now();
    const { victim, heal } = await fault.inject(system, chance);
    onBegin(name, victim);
    await waited(lastsMs, signal);
    await heal();
    happenings.push({ name, victim, isUnnoticed, beganAt, healedAt: Date.now() });
    onHeal(name, victim);
  } catch (error) {
    throw new Error(`${name} could not be done or undone: ${(error as Error).message}`, { cause: error });
  } finally {
    for (const part of touches) taken.delete(part);
  }
}

async function waited(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await pause(ms, undefined, { signal }).catch(() => undefined);
}
