/** How long orders took that came to their end: read from the event log, so no worker has to count them on its way. */
import { idTimeMs } from '../messaging/message-id.js';
import type { Database } from './database.js';
import { advancePosition } from './measured-positions.js';

/** A transaction that made its ids so long ago has committed them; an end that was stored later still is not counted. */
const COMMITTED_WITHIN_MS = 30_000;

export interface OrderEnd {
  readonly type: string;
  /** From the order's id, which the intake draws, to that of the message. */
  readonly tookMs: number;
}

/**
 * Ends since the last look, whoever looked: each is handed out once, so what several processes count adds up. Empty while
 * another process is looking.
 * @param types messages that end an order
 */
export function takeOrderEnds(database: Database, types: readonly string[]): Promise<OrderEnd[]> {
  return database.transaction(async (transaction) => {
    const span = await advancePosition(transaction, 'order ends', COMMITTED_WITHIN_MS);
    if (span === undefined || span.from === span.to) return [];
    const { rows } = await transaction.query<{ id: string; type: string; orderId: string }>({
      text: `select id, type, correlation_id as "orderId" from event_log where id >= $1 and id < $2 and type = any($3::text[])`,
      values: [span.from, span.to, types],
    });
    return rows.map(({ id, type, orderId }) => ({ type, tookMs: Math.max(0, idTimeMs(id) - idTimeMs(orderId)) }));
  });
}
