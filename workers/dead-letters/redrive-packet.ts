/** A letter as it is sent back: the message as it was, under its id, as a first attempt. Pure. */
import { contentOf, ownHeaders } from '../../shared/actors/dead-letter.js';
import { anewHeaders, HEADER, type Packet } from '../../shared/messaging/wire.js';
import type { Redrive } from '../../shared/postgres/redrives.js';
import { toActor } from '../../shared/rabbitmq/topology.js';

/** What the runtime wrote about the failure, and the count of attempts. */
const OF_THE_FAILURE: ReadonlySet<string> = new Set([
  HEADER.attempt,
  HEADER.actor,
  HEADER.errorCode,
  HEADER.errorMessage,
  HEADER.errorStack,
  HEADER.release,
]);

/** @param sending tells this sending from others of the letter @param sampled whether its order is traced */
export function redrivePacket(letter: Redrive, sending: string, sampled: boolean): Packet {
  return {
    ...toActor(letter.actor),
    content: contentOf(letter),
    messageId: letter.messageId,
    correlationId: letter.correlationId ?? undefined,
    type: letter.type ?? undefined,
    headers: {
      ...Object.fromEntries(Object.entries(ownHeaders(letter.headers)).filter(([name]) => !OF_THE_FAILURE.has(name))),
      ...anewHeaders(letter, sending, sampled),
    },
  };
}
