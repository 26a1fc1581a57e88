/** `GET /operator/redrive-jobs`, `…/{id}` and `POST …/{id}/cancel`: redrives of several letters, and how far they are. */
import Type from '../../../shared/messaging/typebox.js';
import { cancelJob, findJob, listJobs } from '../../../shared/postgres/redrive-jobs.js';
import { pageFrom, pageOf, pageQuery } from '../../page.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { change, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { LetterId } from './letter-filter.js';

export function redriveJobRoutes(app: App, { database }: Operating): void {
  app.get(
    '/operator/redrive-jobs',
    { schema: { querystring: Type.Object(pageQuery, { additionalProperties: false }) } },
    async ({ query }) => {
      const { limit, after } = pageOf(query);
      return pageFrom(await listJobs(database, { limit: limit + 1, before: after }), limit);
    },
  );
  app.get('/operator/redrive-jobs/:id', { schema: { params: LetterId } }, async ({ params: { id } }) => {
    const job = await findJob(database, id);
    if (job === undefined) throw notRunning(id);
    return job;
  });
  app.post('/operator/redrive-jobs/:id/cancel', { schema: { params: LetterId, body: ReasonBody } }, async (request) => {
    const { id } = request.params;
    return change(
      database,
      request,
      { action: 'cancel', thing: 'redrive-job', thingId: id, reason: request.body.reason },
      async (transaction, author) => {
        if (!(await cancelJob(transaction, id, author))) throw notRunning(id);
        return { cancelled: true };
      },
    );
  });
}

const notRunning = (id: string): Problem =>
  new Problem('redrive-job.not-found', `There is no job ${id}, or it is over already; list them to find it.`);
