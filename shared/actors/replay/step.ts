/** One step of a replay: so many messages as its rate, and what its actor has still in hand, allow. */
import { newId } from '../../messaging/message-id.js';
import { failpoint } from '../../observability/failpoint.js';
import { recordSentAnew } from '../../observability/message-spans.js';
import { nowMs, tracing } from '../../observability/tracing.js';
import type { Database } from '../../postgres/database.js';
import { arrived, type Replayable, readReplayPage } from '../../postgres/replay-source.js';
import { noteProgress, type Replay, type ReplayProgress } from '../../postgres/replays.js';
import type { Publisher } from '../../rabbitmq/publisher.js';
import type { ActorDefinition } from '../definition.js';
import { type Fate, fateOf, isSent } from './fate.js';
import { replayPacket } from './packet.js';

/** Messages of a replay that its actor may have in hand: the queue never holds more of them, whatever the rate. */
const IN_FLIGHT_AT_MOST = 1000;
/** Sent together at most. */
const AT_ONCE = 200;
/** Before what is on its way is looked at again, and before what the broker did not take is sent again. */
const LOOK_AGAIN_MS = 250;
const AFTER_TROUBLE_MS = 5000;

export interface StepOptions {
  readonly actor: ActorDefinition;
  /** Those that it takes and that are meant. */
  readonly types: readonly string[];
  readonly database: Database;
  readonly publisher: Pick<Publisher, 'publish' | 'readiness'>;
  readonly holder: string;
}

/** Sends what is next, notes how far the replay is, and returns after how many milliseconds the next step is due. */
export async function replayStep(replay: Replay, options: StepOptions): Promise<number> {
  const { actor, types, database, publisher, holder } = options;
  const { inFlight, failed } = await arrived(database, actor.name, replay.inFlight);
  const ready = publisher.readiness();
  const begun: ReplayProgress = { ...replay, inFlight, failed: replay.failed + failed, trouble: null };
  const note = async (progress: ReplayProgress, dueInMs: number, over = false): Promise<number> => {
    await noteProgress(database, { id: replay.id, holder, dueInMs }, { ...progress, over });
    return dueInMs;
  };
  if (ready !== true) return note({ ...begun, trouble: `the broker takes nothing: ${ready}` }, AFTER_TROUBLE_MS);
  const most = Math.min(AT_ONCE, replay.perSecond, IN_FLIGHT_AT_MOST - inFlight.length);
  if (most <= 0) return note(begun, LOOK_AGAIN_MS);
  const page = await readReplayPage(database, replay, { after: replay.position, types });
  if (page.end === undefined) return note(begun, LOOK_AGAIN_MS, inFlight.length === 0);
  const chosen = chosenFrom(page.messages, most, (message) => fateOf(message, actor, replay.effects));
  const { sent, refused, trouble } = await send(
    chosen.flatMap(({ message, fate }) => (isSent(fate) ? [message] : [])),
    options,
  );
  failpoint('replay-confirmed');
  // What is behind a message that the broker did not take waits with it; whatever of it was sent is sent once more.
  const stuck = chosen.findIndex(
    ({ message, fate }) => isSent(fate) && !sent.has(message.id) && !refused.has(message.id),
  );
  const through = stuck === -1 ? chosen : chosen.slice(0, stuck);
  const whole = through.length === page.messages.length;
  const that = (fits: (fate: Fate, id: string) => boolean): string[] =>
    through.filter(({ message, fate }) => fits(fate, message.id)).map(({ message }) => message.id);
  const confirmed = that((_, id) => sent.has(id));
  const progress: ReplayProgress = {
    position: whole ? page.end : (through.at(-1)?.message.id ?? replay.position),
    sent: begun.sent + confirmed.length,
    skipped: begun.skipped + that((fate) => fate === 'handled').length,
    effectsOff: begun.effectsOff + that((fate) => fate === 'effects-off').length,
    refused: begun.refused + that((fate, id) => fate === 'dead' || fate === 'invalid' || refused.has(id)).length,
    failed: begun.failed,
    inFlight: [...inFlight, ...confirmed],
    trouble,
  };
  if (trouble !== null) return note(progress, AFTER_TROUBLE_MS);
  return note(progress, Math.ceil((confirmed.length / replay.perSecond) * 1000));
}

interface Chosen {
  readonly message: Replayable;
  readonly fate: Fate;
}

/** From the first on, until so many are to be sent. */
function chosenFrom(messages: readonly Replayable[], most: number, fate: (message: Replayable) => Fate): Chosen[] {
  const chosen: Chosen[] = [];
  let toSend = 0;
  for (const message of messages) {
    const one = { message, fate: fate(message) };
    if (isSent(one.fate)) toSend += 1;
    if (toSend > most) break;
    chosen.push(one);
  }
  return chosen;
}

interface Sent {
  /** Ids that the broker has confirmed. */
  readonly sent: ReadonlySet<string>;
  /** Ids of those that no connection can carry. */
  readonly refused: ReadonlySet<string>;
  readonly trouble: string | null;
}

async function send(messages: readonly Replayable[], { actor: { name }, publisher }: StepOptions): Promise<Sent> {
  const sending = newId();
  const packets = messages.map((message) =>
    replayPacket(message, name, sending, tracing?.samples(message.correlationId) === true),
  );
  const startMs = nowMs();
  const outcomes = await publisher.publish(packets.map(({ packet }) => packet));
  packets.forEach(({ packet, before }, index) => {
    recordSentAnew(packet, before, { sender: 'replay', startMs, outcome: outcomes[index] });
  });
  const that = (wanted: string): Set<string> =>
    new Set(messages.filter((_, index) => outcomes[index] === wanted).map(({ id }) => id));
  const missing = outcomes.includes('returned');
  const unknown = outcomes.includes('unknown');
  return {
    sent: that('confirmed'),
    refused: that('unsendable'),
    trouble: missing
      ? `there is no queue ${name}: run the release step`
      : unknown
        ? 'the broker did not confirm all that was sent; it is sent again'
        : null,
  };
}
