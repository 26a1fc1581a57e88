/** What operators have set for an actor's queue: that nobody consumes it for now, and with which prefetch. Its processes look at it every few seconds. */
import type { Transaction } from './database.js';
import type { Author } from './redrive-jobs.js';

export interface QueuePause extends Author {
  readonly since: Date;
}

export interface QueueSetting {
  /** Null: its processes consume it. */
  readonly paused: QueuePause | null;
  /** Unacked deliveries of a process at most; null: as the process itself has it. */
  readonly prefetch: number | null;
}

const NOTHING_SET: QueueSetting = { paused: null, prefetch: null };

interface Row {
  readonly actor: string;
  readonly since: Date | null;
  readonly by: string | null;
  readonly reason: string | null;
  readonly prefetch: number | null;
}

/** By actor; one for which nothing is set is not there. */
export async function queueSettings(
  database: Transaction,
  actors: readonly string[],
): Promise<ReadonlyMap<string, QueueSetting>> {
  const { rows } = await database.query<Row>({
    name: 'queue-settings',
    text: `select actor, paused_at as since, paused_by as by, pause_reason as reason, prefetch
           from queue_settings where actor = any($1::text[])`,
    values: [actors],
  });
  return new Map(rows.map((row) => [row.actor, settingOf(row)]));
}

/** @param found by `queueSettings` */
export const settingFor = (actor: string, found: ReadonlyMap<string, QueueSetting>): QueueSetting =>
  found.get(actor) ?? NOTHING_SET;

/** False when it is paused already; then that stays as it is. */
export async function pauseQueue(transaction: Transaction, actor: string, { by, reason }: Author): Promise<boolean> {
  const { rowCount } = await transaction.query({
    text: `insert into queue_settings (actor, paused_at, paused_by, pause_reason) values ($1, now(), $2, $3)
           on conflict (actor) do update set paused_at = excluded.paused_at, paused_by = excluded.paused_by,
             pause_reason = excluded.pause_reason
           where queue_settings.paused_at is null`,
    values: [actor, by, reason],
  });
  return rowCount > 0;
}

/** False when it is not paused. */
export async function resumeQueue(transaction: Transaction, actor: string): Promise<boolean> {
  const { rowCount } = await transaction.query({
    text: `update queue_settings set paused_at = null, paused_by = null, pause_reason = null
           where actor = $1 and paused_at is not null`,
    values: [actor],
  });
  return rowCount > 0;
}

/** @param prefetch null: as the process itself has it */
export async function setPrefetch(transaction: Transaction, actor: string, prefetch: number | null): Promise<void> {
  await transaction.query({
    text: `insert into queue_settings (actor, prefetch) values ($1, $2)
           on conflict (actor) do update set prefetch = excluded.prefetch`,
    values: [actor, prefetch],
  });
}

function settingOf({ since, by, reason, prefetch }: Row): QueueSetting {
  // The table lets only all three be null, or none.
  const paused = since === null || by === null || reason === null ? null : { since, by, reason };
  return { paused, prefetch };
}
