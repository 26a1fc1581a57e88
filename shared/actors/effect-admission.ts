/**
 * Which effects may begin, by what Redis knows: an effect is dear. A decision is not asked for: the inbox tells in the
 * statement that claims the batch anyway, and the question cost more than it saved.
 */
import { effectsSpared } from '../observability/metrics.js';
import type { Cache } from '../redis/cache.js';
import type { Work } from './work.js';

/**
 * A claim that nobody gave up lapses after this long, that of a dead process within seconds. It is for an effect under way by a
 * process that has lost the delivery meanwhile: it need not outlast one by much.
 */
const CLAIM_TTL_MS = 60_000;

export interface Admission {
  /** Done before. */
  readonly handled: readonly Work[];
  /** Claimed by another process, which is at it. */
  readonly held: readonly Work[];
  /** Claimed by this process now. */
  readonly free: readonly Work[];
}

/** With Redis away all are free: the inbox and the idempotency keys still keep each from counting twice. */
export async function admitEffects(
  cache: Pick<Cache, 'admit'>,
  actor: string,
  works: readonly Work[],
): Promise<Admission> {
  const ids = works.map(({ message }) => message.id);
  const { handled, held } = await cache.admit(actor, ids, CLAIM_TTL_MS);
  const admission = { handled: [] as Work[], held: [] as Work[], free: [] as Work[] };
  for (const work of works) {
    const { id } = work.message;
    (handled.has(id) ? admission.handled : held.has(id) ? admission.held : admission.free).push(work);
  }
  if (admission.handled.length > 0) effectsSpared.inc({ actor }, admission.handled.length);
  return admission;
}
