/**
 * `POST /operator/replays/{id}/messages`: some messages of a file, all of them or none; sent again they are there once.
 * `POST /operator/replays/{id}/imported`: that was all, and so many; it is rehearsed.
 */
import Type from '../../../shared/messaging/typebox.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import { countKept, keepMessages } from '../../../shared/postgres/replay-import.js';
import { holdReplay, moveReplay, type Replay } from '../../../shared/postgres/replays.js';
import type { Fault } from '../../problem.js';
import { invalid } from '../../time-asked.js';
import type { App } from '../../type-provider.js';
import { change, Reason } from '../change.js';
import { EventLine } from '../events/event-line.js';
import type { Operating } from '../operating.js';
import { statusRefused } from './change-replay.js';
import { readLine } from './imported-message.js';
import { ReplayId } from './read-replays.js';
import { replayView } from './replay-view.js';
import { actorNamed } from './replay-wanted.js';

const MESSAGES_AT_MOST = 500;

const strict = { additionalProperties: false } as const;
const Messages = Type.Object({ messages: Type.Array(EventLine, { minItems: 1, maxItems: MESSAGES_AT_MOST }) }, strict);
const Imported = Type.Object({ messages: Type.Integer({ minimum: 1 }), reason: Reason }, strict);

export function importMessagesRoutes(app: App, { database, actors }: Operating): void {
  app.post('/operator/replays/:id/messages', { schema: { params: ReplayId, body: Messages } }, async (request) => {
    const { id } = request.params;
    const { messages: lines } = request.body;
    const fleet = await actors();
    return database.transaction(async (transaction) => {
      const { actor } = await importing(transaction, id);
      const read = lines.map((line) => readLine(line, actorNamed(actor, fleet), fleet));
      const faults = read.flatMap((one, index): Fault[] =>
        one !== undefined && 'fault' in one
          ? [{ pointer: `/messages/${index}/${one.fault.member}`, detail: one.fault.detail }]
          : [],
      );
      if (faults.length > 0) throw invalid(...faults);
      const messages = read.flatMap((one) => (one !== undefined && 'message' in one ? [one.message] : []));
      const { kept, reused } = await keepMessages(transaction, id, messages);
      const clashes = lines.flatMap((line, index) => (reused.has(line.id) ? [clash(index)] : []));
      if (clashes.length > 0) throw invalid(...clashes);
      return { kept, notTaken: lines.length - messages.length };
    });
  });
  app.post('/operator/replays/:id/imported', { schema: { params: ReplayId, body: Imported } }, async (request) => {
    const { id } = request.params;
    const { messages, reason } = request.body;
    return change(
      database,
      request,
      { action: 'imported', thing: 'replay', thingId: id, reason, details: () => ({ messages }) },
      async (transaction) => {
        await importing(transaction, id);
        const kept = await countKept(transaction, id);
        if (kept !== messages)
          throw invalid({
            pointer: '/messages',
            detail: `has to be as many as there are: ${kept}; import the file anew`,
          });
        return replayView(
          (await moveReplay(transaction, id, { from: ['importing'], to: 'rehearsing' })) ??
            (await statusRefused(transaction, id, 'import')),
        );
      },
    );
  });
}

const clash = (index: number): Fault => ({
  pointer: `/messages/${index}/id`,
  detail: 'stands for a message with another payload already; an id is for one message',
});

/** Held to the end of the transaction, so that nothing comes after its end. @throws {Problem} */
async function importing(transaction: Transaction, id: string): Promise<Replay> {
  const replay = await holdReplay(transaction, id);
  if (replay?.status === 'importing') return replay;
  return statusRefused(transaction, id, 'import');
}
