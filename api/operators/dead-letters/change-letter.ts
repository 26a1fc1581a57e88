/** `POST /operator/dead-letters/{id}/redrive`, `…/edit` and `…/discard`: what is done about one letter. */
import type { Contract } from '../../../shared/messaging/contract.js';
import { editMessage } from '../../../shared/messaging/edit.js';
import { InvalidMessage } from '../../../shared/messaging/invalid-message.js';
import { newId } from '../../../shared/messaging/message-id.js';
import Type from '../../../shared/messaging/typebox.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import {
  discardLetters,
  type Edited,
  LetterRefused,
  redriveLetter,
  replaceLetter,
} from '../../../shared/postgres/dead-letter-changes.js';
import { findLetter, type WholeLetter } from '../../../shared/postgres/dead-letter-list.js';
import type { Author } from '../../../shared/postgres/redrive-jobs.js';
import { Problem } from '../../problem.js';
import type { App } from '../../type-provider.js';
import { change, Reason, ReasonBody } from '../change.js';
import type { FleetActor } from '../fleet.js';
import type { Operating } from '../operating.js';
import { LetterId } from './letter-filter.js';
import { letterNotFound } from './read-letters.js';

const EditBody = Type.Object({ reason: Reason, payload: Type.Unknown() }, { additionalProperties: false });
const THING = 'dead-letter';

/** What is answered; noted and carried out in one transaction. */
type ChangeOfOne = (transaction: Transaction, id: string, author: Author) => Promise<unknown>;

export function changeLetterRoutes(app: App, { database, actors }: Operating): void {
  const plain = (action: 'redrive' | 'discard', work: ChangeOfOne): void => {
    app.post(
      `/operator/dead-letters/:id/${action}`,
      { schema: { params: LetterId, body: ReasonBody } },
      async (request) => {
        const { id } = request.params;
        const { reason } = request.body;
        return change(database, request, { action, thing: THING, thingId: id, reason }, (transaction, author) =>
          work(transaction, id, author),
        );
      },
    );
  };
  plain('redrive', async (transaction, id, author) => {
    await redriveLetter(transaction, id, author);
    return { letter: id, behind: (await findLetter(transaction, id))?.behind ?? null };
  });
  plain('discard', async (transaction, id, author) => {
    const discarded = await discardLetters(transaction, { ids: [id] }, author);
    if (discarded > 0) return { discarded };
    const { status } = await letterOf(transaction, id);
    throw new LetterRefused('dead-letter.status', `the letter ${id} is ${status}; that is over`);
  });
  app.post('/operator/dead-letters/:id/edit', { schema: { params: LetterId, body: EditBody } }, async (request) => {
    const { id } = request.params;
    const { reason, payload } = request.body;
    const fleet = await actors();
    return change(
      database,
      request,
      { action: 'edit', thing: THING, thingId: id, reason, details: (edited) => edited },
      async (transaction, author) => {
        const letter = await letterOf(transaction, id);
        const edited = editedFrom(letter, payload, contractOf(letter, fleet));
        const replacement = await replaceLetter(transaction, { id, edited, author });
        return { letter: replacement, replaces: id, messageId: edited.messageId };
      },
    );
  });
}

/** @throws {Problem} `dead-letter.not-found` */
async function letterOf(transaction: Transaction, id: string): Promise<WholeLetter> {
  const letter = await findLetter(transaction, id);
  if (letter === undefined) throw letterNotFound(id);
  return letter;
}

/** @throws {Problem} `dead-letter.payload` @throws {LetterRefused} */
function editedFrom(letter: WholeLetter, payload: unknown, contract: Contract): Edited {
  try {
    return editMessage(letter, { contract, payload, messageId: newId() });
  } catch (error) {
    if (error instanceof InvalidMessage) throw new Problem('dead-letter.payload', error.message, { cause: error });
    throw error;
  }
}

/** Of the handler that will get it. @throws {LetterRefused} */
function contractOf({ id, order, actor, type }: WholeLetter, fleet: readonly FleetActor[]): Contract {
  if (order === null) {
    throw new LetterRefused(
      'dead-letter.no-order',
      `the message of letter ${id} names no order, so no edit can mend it; discard it`,
    );
  }
  const contract = fleet.find(({ name }) => name === actor)?.contracts.get(type ?? '');
  if (contract !== undefined) return contract;
  throw new LetterRefused(
    'dead-letter.unknown-type',
    `${actor} takes no ${type ?? 'message without a type'} in this release, so letter ${id} cannot be checked; ask the web of the release that does`,
  );
}
