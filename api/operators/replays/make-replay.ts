/** `POST /operator/replays`: has a replay rehearsed. Nothing is sent before somebody starts it. */
import { newId } from '../../../shared/messaging/message-id.js';
import { makeReplay } from '../../../shared/postgres/replays.js';
import type { App } from '../../type-provider.js';
import { change } from '../change.js';
import type { Operating } from '../operating.js';
import { replayView } from './replay-view.js';
import { ReplayBody, wantedOf } from './replay-wanted.js';

export function makeReplayRoute(app: App, { database, actors }: Operating): void {
  app.post('/operator/replays', { schema: { body: ReplayBody } }, async (request, reply) => {
    const { reason, ...asked } = request.body;
    const wanted = wantedOf(request.body, { fleet: await actors(), now: new Date() });
    const id = newId();
    const made = await change(
      database,
      request,
      { action: 'rehearse', thing: 'replay', thingId: id, reason, details: () => asked },
      (transaction, author) => makeReplay(transaction, wanted, { ...author, id }),
    );
    reply.code(202);
    return replayView(made);
  });
}
