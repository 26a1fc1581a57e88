/** `POST /operator/replays/{id}/start`, `…/pause`, `…/resume` and `…/cancel`. */
import type { Transaction } from '../../../shared/postgres/database.js';
import { findReplay, moveReplay, type Replay, type ReplayStatus } from '../../../shared/postgres/replays.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { change, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { ReplayId, replayNotFound } from './read-replays.js';
import { replayView } from './replay-view.js';

/** From which statuses a change leads to which. */
const CHANGES: Readonly<Record<string, { readonly from: readonly ReplayStatus[]; readonly to: ReplayStatus }>> = {
  start: { from: ['rehearsed'], to: 'running' },
  pause: { from: ['running'], to: 'paused' },
  resume: { from: ['paused'], to: 'running' },
  cancel: { from: ['importing', 'rehearsing', 'rehearsed', 'running', 'paused'], to: 'cancelled' },
};

export function changeReplayRoutes(app: App, { database }: Operating): void {
  for (const [action, { from, to }] of Object.entries(CHANGES)) {
    app.post(`/operator/replays/:id/${action}`, { schema: { params: ReplayId, body: ReasonBody } }, async (request) => {
      const { id } = request.params;
      const { reason } = request.body;
      return change(database, request, { action, thing: 'replay', thingId: id, reason }, async (transaction) =>
        replayView((await moveReplay(transaction, id, { from, to })) ?? (await statusRefused(transaction, id, action))),
      );
    });
  }
}

/** @throws {Problem} always */
export async function statusRefused(transaction: Transaction, id: string, action: string): Promise<Replay> {
  const replay = await findReplay(transaction, id);
  if (replay === undefined) throw replayNotFound(id);
  throw new Problem(
    'replay.status',
    `The replay ${id} is ${replay.status}; ${WHAT_NOW[replay.status]}. Nothing to ${action}.`,
  );
}

const WHAT_NOW: Readonly<Record<ReplayStatus, string>> = {
  importing: 'finish the import, or cancel it',
  rehearsing: 'wait for the end of its rehearsal, or cancel it',
  rehearsed: 'start or cancel it',
  running: 'pause or cancel it',
  paused: 'resume or cancel it',
  finished: 'that is over',
  cancelled: 'that is over',
};
