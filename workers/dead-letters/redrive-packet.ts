/** A letter as it is sent back: the message as it was, under its id, as a first attempt. Pure. */
import { contentOf } from '../../shared/actors/dead-letter.js';
import { ownHeaders } from '../../shared/actors/moved-packet.js';
import { anewHeaders, type HeaderKind, kindOfHeader, type Packet } from '../../shared/messaging/wire.js';
import type { Redrive } from '../../shared/postgres/redrives.js';
import { toActor } from '../../shared/rabbitmq/topology.js';

/** What the runtime wrote about the failure goes, and so does the count of attempts. */
const GOES: Readonly<Record<HeaderKind, boolean>> = {
  message: false,
  cause: false,
  attempt: true,
  // It is given others.
  trace: false,
  'trace-of-others': false,
  failure: true,
  'failure-at-length': true,
  mark: false,
};

/** @param sending tells this sending from others of the letter @param sampled whether its order is traced */
export function redrivePacket(letter: Redrive, sending: string, sampled: boolean): Packet {
  return {
    ...toActor(letter.actor),
    content: contentOf(letter),
    messageId: letter.messageId,
    correlationId: letter.correlationId ?? undefined,
    type: letter.type ?? undefined,
    headers: {
      ...Object.fromEntries(Object.entries(ownHeaders(letter.headers)).filter(([name]) => stays(name))),
      ...anewHeaders(letter, sending, sampled),
    },
  };
}

/** What Warren does not write is its publisher's. */
function stays(name: string): boolean {
  const kind = kindOfHeader(name);
  return kind === undefined || !GOES[kind];
}
