/**
 * Redrives of many letters, as jobs: asked for by somebody, worked off by the dead-letters worker a step at a time, so that
 * they outlive whoever asked and whoever works. A letter belongs to at most one.
 */
import { newId } from '../messaging/message-id.js';
import type { Transaction } from './database.js';
import { FITS, filterValues, type LetterFilter } from './dead-letter-filter.js';
import { AHEAD, UUID } from './dead-letters.js';

export type JobStatus = 'running' | 'suspended' | 'finished' | 'cancelled';

export interface RedriveJob {
  readonly id: string;
  readonly filter: LetterFilter;
  readonly total: number;
  /** Handled. */
  readonly done: number;
  /** Failed again; they are open, and no longer the job's. */
  readonly failed: number;
  readonly perSecond: number;
  readonly status: JobStatus;
  readonly madeBy: string;
  readonly reason: string;
  readonly madeAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** Who changes something, and why. */
export interface Author {
  readonly by: string;
  readonly reason: string;
}

/**
 * Makes a job of the open letters that fit and are in no other; undefined when there are none. Letters without a message id
 * are left out: nobody would know them again.
 * @param perSecond letters sent at most, over all processes
 */
export async function makeJob(
  database: Transaction,
  filter: LetterFilter,
  { by, reason, perSecond }: Author & { readonly perSecond: number },
): Promise<RedriveJob | undefined> {
  const id = newId();
  const { rows } = await database.query<JobRow>({
    text: `with taken as (
             update dead_letters set redrive_job = $7 where id in (
               select id from dead_letters
               where ${FITS} and status = 'open' and redrive_job is null and message_id ~ '${UUID}' order by id for update)
             returning id
           )
           insert into redrive_jobs (id, filter, total, per_second, made_by, reason)
           select $7, $8::jsonb, count(*), $9, $10, $11 from taken having count(*) > 0 returning *`,
    values: [...filterValues(filter), id, JSON.stringify(filter), perSecond, by, reason],
  });
  return rows.map(jobOf)[0];
}

/** The newest first. @param before none from this id on */
export async function listJobs(
  database: Transaction,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): Promise<RedriveJob[]> {
  const { rows } = await database.query<JobRow>({
    text: 'select * from redrive_jobs where $2::uuid is null or id < $2 order by id desc limit $1',
    values: [limit, before ?? null],
  });
  return rows.map(jobOf);
}

export async function findJob(database: Transaction, id: string): Promise<RedriveJob | undefined> {
  const { rows } = await database.query<JobRow>({ text: 'select * from redrive_jobs where id = $1', values: [id] });
  return rows.map(jobOf)[0];
}

/** Ends a job: what it has not sent stays open. False when it is over already. */
export async function cancelJob(transaction: Transaction, id: string, { by, reason }: Author): Promise<boolean> {
  const { rowCount } = await transaction.query({
    text: `update redrive_jobs set status = 'cancelled', finished_at = now(), cancelled_by = $2, cancel_reason = $3
           where id = $1 and status in ('running', 'suspended')`,
    values: [id, by, reason],
  });
  await transaction.query({
    text: `update dead_letters set redrive_job = null where id in (
             select id from dead_letters where redrive_job = $1 and status = 'open' order by id for update)`,
    values: [id],
  });
  return rowCount > 0;
}

/** Takes a job whose next step is due, and holds it to the end of the transaction; one that another process holds is skipped. */
export async function dueJob(transaction: Transaction): Promise<RedriveJob | undefined> {
  const { rows } = await transaction.query<JobRow>({
    name: 'redrive-job-due',
    text: `select * from redrive_jobs where status in ('running', 'suspended') and due_at <= now()
           order by due_at limit 1 for update skip locked`,
  });
  return rows.map(jobOf)[0];
}

/**
 * What became of redrives of each fingerprint of which the job still has open letters, under this release. One that a
 * process of another release got, and failed with, says nothing of this one; nor does one that waits behind a letter of its
 * order, perhaps for ever.
 */
export async function redrivesOf(
  transaction: Transaction,
  job: string,
  release: string,
): Promise<{ fingerprint: string; underWay: boolean; handled: boolean; repeated: boolean }[]> {
  const { rows } = await transaction.query<{
    fingerprint: string;
    under_way: boolean;
    handled: boolean;
    repeated: boolean;
  }>({
    text: `select fingerprint,
             exists (select from dead_letters as letter where letter.fingerprint = waiting.fingerprint and letter.status = 'redriving'
                       and (letter.sent_at is not null or not exists (select ${AHEAD}))) as under_way,
             exists (select from dead_letters as one where one.fingerprint = waiting.fingerprint and one.status = 'redriven'
                       and one.redrive_release = $2) as handled,
             exists (select from dead_letters as one where one.fingerprint = waiting.fingerprint and one.status = 'open'
                       and one.redrive_release = $2 and one.repeated and coalesce(one.release, $2) = $2) as repeated
           from (select distinct fingerprint from dead_letters where redrive_job = $1 and status = 'open') as waiting`,
    values: [job, release],
  });
  return rows.map(({ under_way, ...row }) => ({ ...row, underWay: under_way }));
}

/** Decides that the job's next letters of these fingerprints are redriven, first those that can go at once; returns how many. */
export async function takeLetters(
  transaction: Transaction,
  {
    job,
    fingerprints,
    limit,
  }: { readonly job: string; readonly fingerprints: readonly string[]; readonly limit: number },
): Promise<number> {
  const { rowCount } = await transaction.query({
    text: `update dead_letters set status = 'redriving', sent_at = null, leased_until = null where id in (
             select id from dead_letters as letter where redrive_job = $1 and status = 'open' and fingerprint = any($2::text[])
             order by exists (select ${AHEAD}), id limit $3 for update of letter skip locked)`,
    values: [job, fingerprints, limit],
  });
  return rowCount;
}

/** Notes how far the job is and when its next step is due. It is finished when nothing of it is open or under way. */
export async function noteProgress(
  transaction: Transaction,
  job: string,
  { suspended, dueInMs }: { readonly suspended: boolean; readonly dueInMs: number },
): Promise<RedriveJob | undefined> {
  const { rows } = await transaction.query<JobRow>({
    text: `with counted as (
             select count(*) filter (where status = 'redriven') as done, count(*) as still,
                    count(*) filter (where status in ('open', 'redriving')) as remaining
             from dead_letters where redrive_job = $1
           )
           update redrive_jobs set done = counted.done, failed = total - counted.still,
             status = case when remaining = 0 then 'finished' when $2 then 'suspended' else 'running' end,
             started_at = coalesce(started_at, now()),
             finished_at = case when remaining = 0 then now() end,
             due_at = now() + $3 * interval '1 millisecond'
           from counted where id = $1 returning redrive_jobs.*`,
    values: [job, suspended, dueInMs],
  });
  return rows.map(jobOf)[0];
}

interface JobRow {
  readonly id: string;
  readonly filter: LetterFilter;
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly per_second: number;
  readonly status: JobStatus;
  readonly made_by: string;
  readonly reason: string;
  readonly made_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

const jobOf = (row: JobRow): RedriveJob => ({
  id: row.id,
  filter: row.filter,
  total: row.total,
  done: row.done,
  failed: row.failed,
  perSecond: row.per_second,
  status: row.status,
  madeBy: row.made_by,
  reason: row.reason,
  madeAt: row.made_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});
