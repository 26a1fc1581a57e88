/** Whether anything is under way. Only a quiet fleet can be held to all of its promises. */
import { setTimeout as pause } from 'node:timers/promises';
import { AT_ITS_END } from '../workers/orders/messages.js';
import type { Evidence, Sources } from './evidence.js';
import { findUnhandled } from './invariants/delivery.js';
import { NoEvidence } from './no-evidence.js';

const LOOK_EVERY_MS = 1000;
/** RabbitMQ counts the messages of a quorum queue every five seconds: quiet for less may be an old count. */
const COUNTED_WITHIN_MS = 6000;

/**
 * Waits until nothing is under way. Returns what is when the time is over, and nothing when the fleet is quiet.
 * @param lookAtBroker a fresh look each time; a broker that cannot be looked at is taken for empty
 */
export async function untilQuiet(
  evidence: Evidence,
  lookAtBroker: Sources['broker'],
  withinMs: number,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const deadline = performance.now() + withinMs;
  let quietSince: number | undefined;
  for (;;) {
    const { underWay, counted } = await look(evidence, lookAtBroker);
    const now = performance.now();
    quietSince = underWay.length > 0 ? undefined : (quietSince ?? now);
    if (quietSince !== undefined && (!counted || now - quietSince >= COUNTED_WITHIN_MS)) return [];
    if (now + LOOK_EVERY_MS > deadline) return underWay;
    await pause(LOOK_EVERY_MS, undefined, signal ? { signal } : {});
  }
}

async function look(evidence: Evidence, lookAtBroker: Sources['broker']) {
  const { rows } = await evidence.database.query<{ orders: number; outbox: number }>({
    text: `select (select count(*) from orders where not (${AT_ITS_END})) as orders,
             (select count(*) from outbox) as outbox`,
  });
  const { orders = 0, outbox = 0 } = rows[0] ?? {};
  const { violations: unhandled } = await findUnhandled(evidence);
  const depths = await depthsOf(lookAtBroker);
  const inQueues = [...(depths?.values() ?? [])].reduce((sum, depth) => sum + depth, 0);
  const counts: [number, string][] = [
    [orders, 'orders are not at their end'],
    [outbox, 'messages stand in the outbox'],
    [unhandled.length, 'messages are not handled'],
    [inQueues, 'messages stand in queues'],
  ];
  return {
    underWay: counts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])),
    counted: depths !== undefined,
  };
}

async function depthsOf(lookAtBroker: Sources['broker']): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    return (await lookAtBroker()).depths;
  } catch (error) {
    if (error instanceof NoEvidence) return undefined;
    throw error;
  }
}
