/** A message of the event log as it is replayed: as it was, under its id, for the queue of one actor. Pure. */
import type { Message } from '../../messaging/message.js';
import { anewHeaders, encode, type Headers, type Packet } from '../../messaging/wire.js';
import { toActor } from '../../rabbitmq/topology.js';

export interface ReplayPacket {
  readonly packet: Packet;
  /** The headers that it had when it was sent for the first time. */
  readonly before: Headers;
}

/** @param sending tells this sending from others of the message @param sampled whether its order is traced */
export function replayPacket(message: Message, actor: string, sending: string, sampled: boolean): ReplayPacket {
  const first = encode(message, sampled);
  return {
    before: first.headers,
    packet: {
      ...first,
      ...toActor(actor),
      headers: { ...first.headers, ...anewHeaders(first, sending, sampled) },
    },
  };
}
