/** Sends letters back to the queue of the actor that failed, and to no other. */
import { knownHeaders } from '../../shared/actors/failed-delivery.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import type { Logger } from '../../shared/observability/log.js';
import type { Database } from '../../shared/postgres/database.js';
import { leaseRedrives, markSent } from '../../shared/postgres/redrives.js';
import type { Publisher } from '../../shared/rabbitmq/publisher.js';
import { redrivePacket } from './redrive-packet.js';

const AT_ONCE = 100;
/** Well past the broker's time to confirm. A letter that was not confirmed is sent again after it. */
const LEASE_MS = 30_000;

/** Sends what is due, each letter at the head of its line, and returns how many the broker confirmed. */
export async function sendRedrives(
  database: Database,
  publisher: Pick<Publisher, 'publish'>,
  { release, log }: { readonly release: string; readonly log: Logger },
): Promise<number> {
  const redrives = await leaseRedrives(database, { limit: AT_ONCE, leaseMs: LEASE_MS, release });
  if (redrives.length === 0) return 0;
  const packets = redrives.map(redrivePacket);
  failpoint('redrive-leased');
  const outcomes = await publisher.publish(packets);
  failpoint('redrive-confirmed');
  const sent: string[] = [];
  for (const [index, { id, actor, messageId, correlationId }] of redrives.entries()) {
    let outcome = outcomes[index];
    const packet = packets[index];
    // What a foreign publisher put in may be more than a frame takes.
    if (outcome === 'unsendable' && packet !== undefined)
      [outcome] = await publisher.publish([{ ...packet, headers: knownHeaders(packet.headers) }]);
    const about = { letter: id, actor, messageId, orderId: correlationId };
    if (outcome === 'confirmed') {
      sent.push(id);
      log.info(about, 'redriven');
    } else {
      log.warn({ ...about, outcome, againInMs: LEASE_MS }, 'could not redrive; trying again');
    }
  }
  if (sent.length > 0) await markSent(database, sent);
  return sent.length;
}
