/**
 * `GET /operator/queues`, and `POST /operator/queues/{actor}/pause`, `…/resume` and `…/prefetch`: what every process of an
 * actor keeps to, wherever it runs and whenever it starts.
 */
import type { FastifyRequest } from 'fastify';
import Type from '../../../shared/messaging/typebox.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import {
  pauseQueue,
  type QueueSetting,
  queueSettings,
  resumeQueue,
  setPrefetch,
  settingFor,
} from '../../../shared/postgres/queue-settings.js';
import type { Author } from '../../../shared/postgres/redrive-jobs.js';
import { oneLine } from '../../one-line-text.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { viewBroker } from '../broker.js';
import { change, Reason, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { viewQueues } from './queue-view.js';

const ActorName = Type.Object({ actor: oneLine(64) });
const PrefetchBody = Type.Object(
  { reason: Reason, prefetch: Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.Null()]) },
  { additionalProperties: false },
);
const THING = 'queue';

/** What is answered. */
export interface QueueChanged extends QueueSetting {
  readonly actor: string;
}

export function queueRoutes(app: App, { database, actors: actorsOf, queues }: Operating): void {
  const names = async (): Promise<string[]> => (await actorsOf()).map(({ name }) => name);
  const set = async (
    request: Pick<FastifyRequest, 'getDecorator'>,
    { actor, ...noted }: { readonly actor: string; readonly action: string; readonly reason: string },
    work: (transaction: Transaction, author: Author) => Promise<void>,
  ): Promise<QueueChanged> => {
    const known = await names();
    if (!known.includes(actor))
      throw new Problem('queue.not-found', `There is no actor ${actor}; there are ${known.join(', ')}.`);
    const details = ({ prefetch }: QueueChanged) => ({ prefetch });
    return change(
      database,
      request,
      { ...noted, thing: THING, thingId: actor, details },
      async (transaction, author) => {
        await work(transaction, author);
        return { actor, ...settingFor(actor, await queueSettings(transaction, [actor])) };
      },
    );
  };

  app.get('/operator/queues', async () => ({
    items: await viewQueues(database, await actorsOf(), await viewBroker(queues, await names())),
  }));
  app.post('/operator/queues/:actor/pause', { schema: { params: ActorName, body: ReasonBody } }, async (request) => {
    const { actor } = request.params;
    return set(request, { actor, action: 'pause', ...request.body }, async (transaction, author) => {
      if (await pauseQueue(transaction, actor, author)) return;
      const { paused } = settingFor(actor, await queueSettings(transaction, [actor]));
      throw new Problem(
        'queue.paused',
        `${paused?.by} has paused ${actor} already: ${paused?.reason}. Resume it first to give another reason.`,
      );
    });
  });
  app.post('/operator/queues/:actor/resume', { schema: { params: ActorName, body: ReasonBody } }, async (request) => {
    const { actor } = request.params;
    return set(request, { actor, action: 'resume', ...request.body }, async (transaction) => {
      if (!(await resumeQueue(transaction, actor)))
        throw new Problem(
          'queue.not-paused',
          `${actor} is not paused; if it consumes nothing, see GET /operator/status.`,
        );
    });
  });
  app.post(
    '/operator/queues/:actor/prefetch',
    { schema: { params: ActorName, body: PrefetchBody } },
    async (request) => {
      const { actor } = request.params;
      const { reason, prefetch } = request.body;
      return set(request, { actor, action: 'prefetch', reason }, (transaction) =>
        setPrefetch(transaction, actor, prefetch),
      );
    },
  );
}
