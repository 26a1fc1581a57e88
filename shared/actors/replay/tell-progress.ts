/** Tells metrics and log how a replay has moved on. */
import type { Logger } from '../../observability/log.js';
import { messagesReplayed } from '../../observability/metrics.js';
import type { Replay, ReplayProgress } from '../../postgres/replays.js';

/** By the label of the metric. */
const OUTCOMES = {
  sent: 'sent',
  skipped: 'skipped',
  effectsOff: 'effects-off',
  refused: 'refused',
  failed: 'failed',
} as const;
// Its keys are the counts of a replay.
const COUNTS = Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[];

export function tellProgress(log: Logger, before: Replay, after: ReplayProgress & { readonly over: boolean }): void {
  const { id, actor } = before;
  for (const count of COUNTS) messagesReplayed.inc({ actor, outcome: OUTCOMES[count] }, after[count] - before[count]);
  const about = { replay: id, actor, ...Object.fromEntries(COUNTS.map((count) => [count, after[count]])) };
  if (after.over) log.info(about, 'replayed');
  else if (after.trouble !== null && after.trouble !== before.trouble)
    log.warn({ ...about, trouble: after.trouble }, 'a replay is in trouble; trying on');
}
