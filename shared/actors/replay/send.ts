/** Sends messages of a replay to the queue of its actor, and to no other, each in a trace of its own. */
import type { Message } from '../../messaging/message.js';
import { newId } from '../../messaging/message-id.js';
import { failpoint } from '../../observability/failpoint.js';
import { recordSentAnew } from '../../observability/message-spans.js';
import { nowMs, tracing } from '../../observability/tracing.js';
import type { Publisher } from '../../rabbitmq/publisher.js';
import type { Answered } from './advance.js';
import { replayPacket } from './packet.js';

export async function sendReplayed(
  messages: readonly Message[],
  actor: string,
  publisher: Pick<Publisher, 'publish'>,
): Promise<Answered> {
  const sending = newId();
  const packets = messages.map((message) =>
    replayPacket(message, actor, sending, tracing?.samples(message.correlationId) === true),
  );
  const startMs = nowMs();
  const outcomes = await publisher.publish(packets.map(({ packet }) => packet));
  failpoint('replay-confirmed');
  packets.forEach(({ packet, before }, index) => {
    recordSentAnew(packet, before, { sender: 'replay', startMs, outcome: outcomes[index] });
  });
  const that = (wanted: string): Set<string> =>
    new Set(messages.filter((_, index) => outcomes[index] === wanted).map(({ id }) => id));
  return { confirmed: that('confirmed'), unsendable: that('unsendable'), trouble: troubleOf(outcomes, actor) };
}

function troubleOf(outcomes: readonly string[], actor: string): string | null {
  if (outcomes.includes('returned')) return `there is no queue ${actor}: run the release step`;
  if (outcomes.includes('unknown')) return 'the broker did not confirm all that was sent; it is sent again';
  return null;
}
