/** How much a queue's actor handles and how much comes to it, a second. Pure. */
import type { Live } from '../answers.js';

export interface Rates {
  /** Null where processes run that do not tell. */
  readonly inFlight: number | null;
  /** Messages handled a second, by all processes. */
  readonly out: number | null;
  /** Messages that come a second; null until it has been looked at for a while. */
  readonly in: number | null;
}

/** What a process notes is up to five seconds old, so less would tell of the noting. */
const LOOKED_AT_MS = 15_000;

type Look = Pick<Live, 'at' | 'actors' | 'loads'>;

/** @param past the looks at the fleet up to now, the oldest first */
export function ratesOf(actor: string, past: readonly Look[]): Rates {
  const now = past.at(-1);
  if (now === undefined) return { inFlight: null, out: null, in: null };
  const inFlight = inFlightOf(actor, now);
  const out = inFlight === null ? null : (loadOf(actor, now)?.perSecond ?? 0);
  const since = past.find(({ at }) => Date.parse(now.at) - Date.parse(at) <= LOOKED_AT_MS);
  const seconds = since === undefined ? 0 : (Date.parse(now.at) - Date.parse(since.at)) / 1000;
  const [before, after] = [since && depthOf(actor, since), depthOf(actor, now)];
  // What comes is what went and what is there more.
  const comes =
    before == null || after === null || out === null || seconds === 0 ? null : (after - before) / seconds + out;
  return { inFlight, out, in: comes === null ? null : Math.max(0, comes) };
}

const loadOf = (actor: string, { loads }: Look) => loads.find((one) => one.actor === actor);

function inFlightOf(actor: string, look: Look): number | null {
  const load = loadOf(actor, look);
  if (load !== undefined) return load.inFlight;
  const consumers = look.actors.find((one) => one.actor === actor)?.consumers ?? null;
  return consumers === 0 ? 0 : null;
}

function depthOf(actor: string, look: Look): number | null {
  const ready = look.actors.find((one) => one.actor === actor)?.ready ?? null;
  const inFlight = inFlightOf(actor, look);
  return ready === null || inFlight === null ? null : ready + inFlight;
}
