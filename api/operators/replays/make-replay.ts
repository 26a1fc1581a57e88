/**
 * `POST /operator/replays`: has a replay rehearsed; nothing is sent before somebody starts it. `POST /operator/replays/import`: makes
 * one whose messages are still to come, from a file.
 */
import type { FastifyRequest } from 'fastify';
import { newId } from '../../../shared/messaging/message-id.js';
import { makeReplay, type ReplayWanted } from '../../../shared/postgres/replays.js';
import type { App } from '../../type-provider.js';
import { change } from '../change.js';
import type { Operating } from '../operating.js';
import { type ReplayView, replayView } from './replay-view.js';
import { ImportBody, importWanted, ReplayBody, wantedOf } from './replay-wanted.js';

export function makeReplayRoutes(app: App, { database, actors }: Operating): void {
  const make = async (
    request: Pick<FastifyRequest, 'getDecorator'>,
    action: 'rehearse' | 'import',
    { wanted, asked }: { readonly wanted: ReplayWanted; readonly asked: { readonly reason: string } },
  ): Promise<ReplayView> => {
    const id = newId();
    const { reason, ...details } = asked;
    const made = await change(
      database,
      request,
      { action, thing: 'replay', thingId: id, reason, details: () => details },
      (transaction, author) => makeReplay(transaction, wanted, { ...author, id }),
    );
    return replayView(made);
  };
  app.post('/operator/replays', { schema: { body: ReplayBody } }, async (request, reply) => {
    reply.code(202);
    const wanted = wantedOf(request.body, { fleet: await actors(), now: new Date() });
    return make(request, 'rehearse', { wanted, asked: request.body });
  });
  app.post('/operator/replays/import', { schema: { body: ImportBody } }, async (request, reply) => {
    reply.code(201);
    return make(request, 'import', { wanted: importWanted(request.body, await actors()), asked: request.body });
  });
}
