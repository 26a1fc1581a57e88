/** Sends letters back to the queue of the actor that failed, and to no other. */
import { knownHeaders } from '../../shared/actors/moved-packet.js';
import { newId } from '../../shared/messaging/message-id.js';
import { aboutMessage } from '../../shared/observability/about-message.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import type { Logger } from '../../shared/observability/log.js';
import { recordSentAnew } from '../../shared/observability/message-spans.js';
import { nowMs, tracing } from '../../shared/observability/tracing.js';
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
  const sending = newId();
  const packets = redrives.map((letter) =>
    redrivePacket(letter, sending, tracing?.samples(letter.correlationId ?? undefined) === true),
  );
  failpoint('redrive-leased');
  const startMs = nowMs();
  const outcomes = await publisher.publish(packets);
  failpoint('redrive-confirmed');
  const sent: string[] = [];
  for (const [index, letter] of redrives.entries()) {
    const { id, actor, headers } = letter;
    let outcome = outcomes[index];
    const packet = packets[index];
    // What a foreign publisher put in may be more than a frame takes.
    if (outcome === 'unsendable' && packet !== undefined)
      [outcome] = await publisher.publish([{ ...packet, headers: knownHeaders(packet.headers) }]);
    if (packet !== undefined) recordSentAnew(packet, headers, { sender: 'redrive', startMs, outcome });
    const about = { letter: id, actor, ...aboutMessage(packet ?? letter) };
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
