/**
 * Replays, as jobs: asked for by somebody, rehearsed first, then worked off by the processes of the actor a step at a time, so
 * that they outlive whoever asked and whoever works.
 */
import { idTimeMs } from '../messaging/message-id.js';
import type { Database, Transaction } from './database.js';
import type { Author } from './redrive-jobs.js';
import type { Rehearsal } from './replay-rehearsal.js';

export const REPLAY_STATUSES = [
  'importing',
  'rehearsing',
  'rehearsed',
  'running',
  'paused',
  'finished',
  'cancelled',
] as const;
export type ReplayStatus = (typeof REPLAY_STATUSES)[number];

/** Which messages are meant, for whom and how. */
export interface ReplayWanted {
  readonly actor: string;
  /** The least id that is meant. */
  readonly fromId: string;
  /** Ids from here on are not meant. */
  readonly untilId: string;
  /** A pattern of types; null for all that the actor takes. */
  readonly types: string | null;
  readonly order: string | null;
  /** Messages that the actor acts on outside are sent too. */
  readonly effects: boolean;
  /** They came from a file, and are not read from the event log. */
  readonly imported: boolean;
  /** Messages sent at most, over all processes. */
  readonly perSecond: number;
}

/** How far a replay is. */
export interface ReplayProgress {
  /** Up to here, this id included, all is sent, skipped or refused. */
  readonly position: string | null;
  readonly sent: number;
  /** Handled before. */
  readonly skipped: number;
  /** Not sent because effects are off. */
  readonly effectsOff: number;
  /** They have a dead letter, or no longer fit their contract. */
  readonly refused: number;
  /** Sent, and filed as dead letters. */
  readonly failed: number;
  /** Sent, and neither handled nor given up when it was last looked at. */
  readonly inFlight: readonly string[];
  /** What keeps it from going on. */
  readonly trouble: string | null;
}

export interface Replay extends ReplayWanted, ReplayProgress {
  readonly id: string;
  readonly status: ReplayStatus;
  /** Null until it has begun. */
  readonly rehearsal: Rehearsal | null;
  readonly madeBy: string;
  readonly reason: string;
  readonly madeAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export async function makeReplay(
  transaction: Transaction,
  wanted: ReplayWanted,
  { id, by, reason }: Author & { readonly id: string },
): Promise<Replay> {
  const { rows } = await transaction.query<Replay>({
    text: `insert into replays (id, actor, from_id, until_id, types, order_id, effects, imported, per_second, status, made_by, reason)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${COLUMNS}`,
    values: [
      id,
      wanted.actor,
      wanted.fromId,
      wanted.untilId,
      wanted.types,
      wanted.order,
      wanted.effects,
      wanted.imported,
      wanted.perSecond,
      wanted.imported ? 'importing' : 'rehearsing',
      by,
      reason,
    ],
  });
  const [made] = rows;
  if (made === undefined) throw new Error('an insert returned no row');
  return made;
}

/** The newest first, without what their rehearsals show of single messages. @param before none from this id on */
export async function listReplays(
  database: Transaction,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<Replay[]> {
  const { rows } = await database.query<Replay>({
    text: `select ${COLUMNS}, rehearsal || '{"shown":[]}' as rehearsal from replays
           where $2::uuid is null or id < $2 order by id desc limit $1`,
    values: [limit, before ?? null],
  });
  return rows;
}

export async function findReplay(database: Transaction, id: string): Promise<Replay | undefined> {
  const { rows } = await database.query<Replay>({ text: `select ${COLUMNS} from replays where id = $1`, values: [id] });
  return rows[0];
}

/** Held to the end of the transaction. */
export async function holdReplay(transaction: Transaction, id: string): Promise<Replay | undefined> {
  const { rows } = await transaction.query<Replay>({
    text: `select ${COLUMNS} from replays where id = $1 for update`,
    values: [id],
  });
  return rows[0];
}

/** Moves a replay on from one of these statuses; undefined, and nothing changed, when it has none of them. */
export async function moveReplay(
  transaction: Transaction,
  id: string,
  { from, to }: { readonly from: readonly ReplayStatus[]; readonly to: ReplayStatus },
): Promise<Replay | undefined> {
  const over = to === 'cancelled';
  const { rows } = await transaction.query<Replay>({
    text: `update replays set status = $3, due_at = now(), trouble = null,
             started_at = case when $3 = 'running' then coalesce(started_at, now()) else started_at end,
             finished_at = case when $4 then now() end
           where id = $1 and status = any($2::text[]) returning ${COLUMNS}`,
    values: [id, from, to, over],
  });
  const [moved] = rows;
  if (moved !== undefined && over)
    await transaction.query({ text: 'delete from replay_messages where replay_id = $1', values: [id] });
  return moved;
}

/** Takes the actor's next replay that is due, for so long; one that another process has is skipped. @param holder names this process */
export async function leaseReplay(
  database: Database,
  {
    actor,
    statuses,
    holder,
    leaseMs,
  }: {
    readonly actor: string;
    readonly statuses: readonly ('rehearsing' | 'running')[];
    readonly holder: string;
    readonly leaseMs: number;
  },
): Promise<Replay | undefined> {
  const { rows } = await database.query<Replay>({
    name: 'replay-lease',
    text: `update replays set holder = $2, due_at = now() + $3 * interval '1 millisecond' where id = (
             select id from replays where actor = $1 and status = any($4::text[]) and status in ('rehearsing', 'running') and due_at <= now()
             order by due_at limit 1 for update skip locked
           ) returning ${COLUMNS}`,
    values: [actor, holder, leaseMs, statuses],
  });
  return rows[0];
}

/** Notes what the rehearsal has found so far. False when somebody else has it by now, or has ended it. */
export async function noteRehearsal(
  database: Database,
  { id, holder, leaseMs }: { readonly id: string; readonly holder: string; readonly leaseMs: number },
  rehearsal: Rehearsal,
): Promise<boolean> {
  const { rowCount } = await database.query({
    text: `update replays set rehearsal = $4::jsonb, trouble = null, due_at = now() + $3 * interval '1 millisecond',
             status = case when $5 then 'rehearsed' else status end
           where id = $1 and holder = $2 and status = 'rehearsing'`,
    values: [id, holder, leaseMs, JSON.stringify(rehearsal), rehearsal.done],
  });
  return rowCount > 0;
}

/** Notes what keeps the process that has it from going on. */
export async function noteTrouble(
  database: Transaction,
  { id, holder }: { readonly id: string; readonly holder: string },
  trouble: string,
): Promise<void> {
  await database.query({
    text: 'update replays set trouble = $3 where id = $1 and holder = $2',
    values: [id, holder, trouble],
  });
}

/**
 * Notes how far the replay is, also when it was paused or ended meanwhile: what is sent is sent. Nothing is noted when another
 * process has it by now; that one begins where this one began.
 */
export async function noteProgress(
  database: Transaction,
  { id, holder, dueInMs }: { readonly id: string; readonly holder: string; readonly dueInMs: number },
  progress: ReplayProgress & { readonly over: boolean },
): Promise<void> {
  await database.query({
    text: `with noted as (
             update replays set position = $3, sent = $4, skipped = $5, effects_off = $6, refused = $7, failed = $8,
               in_flight = $9::uuid[], trouble = $10, due_at = now() + $11 * interval '1 millisecond',
               status = case when $12 and status = 'running' then 'finished' else status end,
               finished_at = case when $12 and status = 'running' then now() else finished_at end
             where id = $1 and holder = $2 returning id, status
           )
           delete from replay_messages using noted where replay_id = noted.id and noted.status = 'finished'`,
    values: [
      id,
      holder,
      progress.position,
      progress.sent,
      progress.skipped,
      progress.effectsOff,
      progress.refused,
      progress.failed,
      progress.inFlight,
      progress.trouble,
      dueInMs,
      progress.over,
    ],
  });
}

/** Between these times ids are meant; the second is not included. */
export const replayTimes = ({ fromId, untilId }: ReplayWanted): { readonly from: Date; readonly until: Date } => ({
  from: new Date(idTimeMs(fromId)),
  until: new Date(idTimeMs(untilId)),
});

/** As `Replay` names them. */
const COLUMNS = `id, actor, from_id as "fromId", until_id as "untilId", types, order_id as "order", effects, imported,
  per_second as "perSecond", status, rehearsal, position, sent, skipped, effects_off as "effectsOff", refused, failed,
  in_flight as "inFlight", trouble, made_by as "madeBy", reason, made_at as "madeAt", started_at as "startedAt",
  finished_at as "finishedAt"`;
