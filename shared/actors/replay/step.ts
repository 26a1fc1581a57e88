/** One step of a replay: so many messages as its rate, and what its actor has still in hand, allow. */
import type { Logger } from '../../observability/log.js';
import type { Database } from '../../postgres/database.js';
import { arrived, readReplayPage } from '../../postgres/replay-source.js';
import { noteProgress, type Replay, type ReplayProgress } from '../../postgres/replays.js';
import type { Publisher } from '../../rabbitmq/publisher.js';
import type { ActorDefinition } from '../definition.js';
import { advanced, chosenFrom } from './advance.js';
import { fateOf, isSent } from './fate.js';
import { sendReplayed } from './send.js';
import { tellProgress } from './tell-progress.js';

/** Messages of a replay that its actor may have in hand: the queue never holds more of them, whatever the rate. */
const IN_FLIGHT_AT_MOST = 1000;
/** Sent together at most. */
const AT_ONCE = 200;
/** Before what is on its way is looked at again, and before what the broker did not take is sent again. */
const LOOK_AGAIN_MS = 250;
const AFTER_TROUBLE_MS = 5000;

export interface StepOptions {
  readonly actor: ActorDefinition;
  /** Those that the rehearsal has found. */
  readonly types: readonly string[];
  readonly database: Database;
  readonly publisher: Pick<Publisher, 'publish' | 'readiness'>;
  readonly holder: string;
  readonly log: Logger;
}

/** How far the replay is, and when its next step is due. */
interface Stepped {
  readonly progress: ReplayProgress;
  readonly dueInMs: number;
  /** All is sent or left out, and what was sent has arrived. */
  readonly over?: boolean;
}

/** Sends what is next, notes how far the replay is, and returns after how many milliseconds the next step is due. */
export async function replayStep(replay: Replay, options: StepOptions): Promise<number> {
  const { progress, dueInMs, over = false } = await step(replay, options);
  const after = { ...progress, over };
  await noteProgress(options.database, { id: replay.id, holder: options.holder, dueInMs }, after);
  tellProgress(options.log, replay, after);
  return dueInMs;
}

async function step(replay: Replay, { actor, types, database, publisher }: StepOptions): Promise<Stepped> {
  const { inFlight, failed } = await arrived(database, actor.name, replay.inFlight);
  const before: ReplayProgress = { ...replay, inFlight, failed: replay.failed + failed, trouble: null };
  const ready = publisher.readiness();
  if (ready !== true)
    return { progress: { ...before, trouble: `the broker takes nothing: ${ready}` }, dueInMs: AFTER_TROUBLE_MS };
  const most = Math.min(AT_ONCE, replay.perSecond, IN_FLIGHT_AT_MOST - inFlight.length);
  if (most <= 0) return { progress: before, dueInMs: LOOK_AGAIN_MS };
  const page = await readReplayPage(database, replay, { after: replay.position, types });
  if (page.end === undefined) return { progress: before, dueInMs: LOOK_AGAIN_MS, over: inFlight.length === 0 };
  const chosen = chosenFrom(page.messages, most, (message) => fateOf(message, actor, replay.effects));
  const toSend = chosen.flatMap(({ message, fate }) => (isSent(fate) ? [message] : []));
  const progress = advanced(before, page, chosen, await sendReplayed(toSend, actor.name, publisher));
  const sent = progress.sent - before.sent;
  return {
    progress,
    dueInMs: progress.trouble === null ? Math.ceil((sent / replay.perSecond) * 1000) : AFTER_TROUBLE_MS,
  };
}
