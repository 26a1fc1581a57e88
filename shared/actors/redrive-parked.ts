/**
 * Has messages redriven that an older release did not know and this one does. Old and new run side by side for a while, so
 * it looks again and again: what an old process parks after the new one has started is found too, and what the redrive
 * brings to an old process once more is parked once more, until there is none.
 */
import type { Logger } from '../observability/log.js';
import type { Database } from '../postgres/database.js';
import { parkedAndKnown } from '../postgres/parked.js';
import { makeJob } from '../postgres/redrive-jobs.js';
import type { ActorDefinition } from './definition.js';
import { Rounds } from './rounds.js';

const LOOK_EVERY_MS = 60_000;
/** Letters of a job. */
const AT_ONCE = 1000;
/** As many as when somebody asks for it. */
const PER_SECOND = 50;

export interface RedriveParkedOptions {
  readonly database: Database;
  readonly release: string;
  readonly log: Logger;
  /** Between looks, in milliseconds. @default 60_000 */
  readonly everyMs?: number;
}

/** Looks at once, and then every minute; the dead-letters worker works off the jobs. */
export function redriveParked(
  { name, handlers }: ActorDefinition,
  { database, release, log, everyMs = LOOK_EVERY_MS }: RedriveParkedOptions,
): Rounds {
  const known = [...handlers.values()].map(({ contract }) => ({ type: contract.name, version: contract.version }));
  const author = { by: `release ${release}`, reason: `${name} knows their type and version now` };
  return new Rounds(
    'redriving what was parked',
    async () => {
      const parked = await parkedAndKnown(database, { actor: name, known, release, limit: AT_ONCE });
      for (const [code, ids] of parked) {
        const job = await makeJob(database, { actor: name, code, ids }, { ...author, perSecond: PER_SECOND });
        if (job !== undefined)
          log.info(
            { actor: name, job: job.id, code, letters: job.total },
            'this release knows what was parked; redriving it',
          );
      }
      return everyMs;
    },
    log,
  );
}
