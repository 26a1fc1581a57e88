/** `GET /operator/replays` and `…/{id}`: replays, how far they are, and what their rehearsals have found. */
import Type from '../../../shared/messaging/typebox.js';
import { findReplay, listReplays } from '../../../shared/postgres/replays.js';
import { Uuid } from '../../one-line-text.js';
import { pageFrom, pageOf, pageQuery } from '../../page.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';
import { replayView } from './replay-view.js';

export const ReplayId = Type.Object({ id: Uuid });

export function readReplayRoutes(app: App, { database }: Operating): void {
  app.get(
    '/operator/replays',
    { schema: { querystring: Type.Object(pageQuery, { additionalProperties: false }) } },
    async ({ query }) => {
      const { limit, after } = pageOf(query);
      const replays = await listReplays(database, { limit: limit + 1, before: after });
      return pageFrom(replays.map(replayView), limit);
    },
  );
  app.get('/operator/replays/:id', { schema: { params: ReplayId } }, async ({ params: { id } }) => {
    const replay = await findReplay(database, id);
    if (replay === undefined) throw replayNotFound(id);
    return replayView(replay);
  });
}

export const replayNotFound = (id: string): Problem =>
  new Problem('replay.not-found', `There is no replay ${id}; list them to find it.`);
