/** One step of a redrive job: so many letters as its rate and the outcome of its canaries allow. */
import type { Logger } from '../../shared/observability/log.js';
import type { Database } from '../../shared/postgres/database.js';
import { dueJob, noteProgress, redrivesOf, takeLetters } from '../../shared/postgres/redrive-jobs.js';
import { allowanceOf } from './canary.js';

/** A job's rate is per second, and so are its steps. */
const STEP_MS = 1000;

/** Returns true when there was a job whose step was due. */
export async function workOffJob(database: Database, release: string, log: Logger): Promise<boolean> {
  const step = await database.transaction(async (transaction) => {
    const job = await dueJob(transaction);
    if (job === undefined) return undefined;
    const fingerprints = (await redrivesOf(transaction, job.id, release)).map(({ fingerprint, ...redrives }) => ({
      fingerprint,
      allowance: allowanceOf(redrives),
    }));
    const that = (allowance: string): string[] =>
      fingerprints.filter((one) => one.allowance === allowance).map(({ fingerprint }) => fingerprint);
    let taken = 0;
    for (const fingerprint of that('canary').slice(0, job.perSecond))
      taken += await takeLetters(transaction, { job: job.id, fingerprints: [fingerprint], limit: 1 });
    await takeLetters(transaction, { job: job.id, fingerprints: that('all'), limit: job.perSecond - taken });
    const suspended = fingerprints.length > 0 && that('suspended').length === fingerprints.length;
    const noted = await noteProgress(transaction, job.id, { suspended, dueInMs: STEP_MS });
    return { before: job, after: noted, suspended: that('suspended') };
  });
  if (step?.after === undefined) return false;
  const { id, status, total, done, failed } = step.after;
  if (status !== step.before.status || step.before.startedAt === null) {
    const about = { job: id, status, total, done, failed };
    if (status === 'suspended')
      log.error(
        { ...about, fingerprints: step.suspended },
        'a redrive failed again in the same way; the rest waits for another release',
      );
    else log.info(about, 'redriving');
  }
  return true;
}
