/**
 * `GET /operator/events`: messages of the event log, the oldest first. A page looks at a bounded number of them, so it may be
 * short, or empty, and still have a `nextCursor`.
 */
import { END_OF_TIME, leastId } from '../../../shared/messaging/message-id.js';
import { expressionOf } from '../../../shared/messaging/type-pattern.js';
import Type from '../../../shared/messaging/typebox.js';
import { readMessagePage } from '../../../shared/postgres/message-page.js';
import { Time, Types, Uuid } from '../../one-line-text.js';
import { leastMessageId } from '../../orders/order-id.js';
import { cursorAt, pageOf, pageQuery } from '../../page.js';
import { timeMs } from '../../time-asked.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';
import { lineOf } from './event-line.js';

const Query = Type.Object(
  {
    ...pageQuery,
    from: Type.Optional(Time),
    until: Type.Optional(Time),
    types: Type.Optional(Types),
    order: Type.Optional(Uuid),
  },
  { additionalProperties: false },
);

export function readEventsRoute(app: App, { database }: Operating): void {
  app.get('/operator/events', { schema: { querystring: Query } }, async ({ query }) => {
    const { from, until, types, order = null } = query;
    const { limit, after = null } = pageOf(query);
    const earliest = order === null ? leastId(0) : leastMessageId([order]);
    const fromId = from === undefined ? earliest : leastId(timeMs(from, { parameter: 'from' }));
    const untilId = until === undefined ? END_OF_TIME : leastId(timeMs(until, { parameter: 'until' }));
    const { messages, end } = await readMessagePage(
      database,
      { fromId, untilId, order, after },
      { types: (bind) => (types === undefined ? 'true' : `type ~ ${bind(expressionOf(types))}`), limit },
    );
    return { items: messages.map(lineOf), ...(end === undefined ? {} : { nextCursor: cursorAt(end) }) };
  });
}
