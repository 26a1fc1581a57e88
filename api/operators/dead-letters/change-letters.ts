/** `POST /operator/dead-letters/redrive` and `…/discard`: what is done about all open letters that fit; redrives as a job. */
import Type from '../../../shared/messaging/typebox.js';
import { discardLetters } from '../../../shared/postgres/dead-letter-changes.js';
import { makeJob, type RedriveJob } from '../../../shared/postgres/redrive-jobs.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { change, Reason } from '../change.js';
import type { Operating } from '../operating.js';
import { ManyLetters, meant } from './letter-filter.js';

const strict = { additionalProperties: false } as const;
const which = { filter: Type.Optional(ManyLetters), all: Type.Optional(Type.Boolean()), reason: Reason };
const Discard = Type.Object(which, strict);
const Redrive = Type.Object(
  { ...which, perSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) },
  strict,
);

interface Discarded {
  readonly discarded: number;
}

const PER_SECOND = 50;
const THING = 'dead-letters';

export function changeLettersRoutes(app: App, { database }: Operating): void {
  app.post('/operator/dead-letters/redrive', { schema: { body: Redrive } }, async (request, reply) => {
    const { filter = {}, all = false, reason, perSecond = PER_SECOND } = request.body;
    const letters = meant(filter, all);
    const job = await change(
      database,
      request,
      {
        action: 'redrive',
        thing: THING,
        reason,
        details: ({ id, total }: RedriveJob) => ({ filter: letters, job: id, total }),
      },
      async (transaction, author) => {
        const made = await makeJob(transaction, letters, { ...author, perSecond });
        if (made !== undefined) return made;
        throw new Problem(
          'dead-letter.none',
          'No open letter fits that may be redriven and is not in a job already; nothing was changed. What came without a usable id, under a wrong name (message.wrong-address) or expired (broker.expired) is not redriven: discard it.',
        );
      },
    );
    reply.code(202);
    return job;
  });
  app.post('/operator/dead-letters/discard', { schema: { body: Discard } }, async (request) => {
    const { filter = {}, all = false, reason } = request.body;
    const letters = meant(filter, all);
    return change(
      database,
      request,
      {
        action: 'discard',
        thing: THING,
        reason,
        details: ({ discarded }: Discarded) => ({ filter: letters, discarded }),
      },
      async (transaction, author) => {
        const discarded = await discardLetters(transaction, letters, author);
        if (discarded > 0) return { discarded };
        throw new Problem('dead-letter.none', 'No open letter fits; nothing was changed.');
      },
    );
  });
}
