/**
 * Does several things at the same time. When one fails the others are told to stop by the signal they are given; the
 * first failure is thrown when all have ended.
 * @template T
 * @param {readonly ((signal: AbortSignal) => Promise<T>)[]} acts
 * @param {AbortSignal} [signal] stops all of them
 * @returns {Promise<T[]>}
 */
export async function together(acts, signal) {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  /** @type {unknown[]} */
  const failures = [];
  const outcomes = await Promise.allSettled(
    acts.map((act) =>
      act(either).catch((error) => {
        failures.push(error);
        failed.abort(new Error('something else failed'));
        throw error;
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}
