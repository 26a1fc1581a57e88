/** Whether the fleet is well, and if not, why and what to do: a function of its figures. Pure. */
import { resumeOf } from '../queues/queue-view.js';
import type { ActorStatus, FleetStatus } from './status.js';

export interface Reason {
  readonly code: string;
  readonly says: string;
  readonly remedy: string;
}

export interface Verdict {
  readonly well: boolean;
  /** Why it is not. */
  readonly reasons: readonly Reason[];
}

/** Longer than a retry, a reconnect or a rolling deploy takes. */
const PATIENCE_MS = 60_000;

export function verdictOn(status: FleetStatus): Verdict {
  const { rabbitmq, actors, circuits, outbox, timers, deadLetters } = status;
  const reasons: Reason[] = [];
  const when = (ill: boolean, code: string, says: string, remedy: string): void => {
    if (ill) reasons.push({ code, says, remedy });
  };
  when(
    !rabbitmq.reachable,
    'broker.silent',
    rabbitmq.why ?? 'RabbitMQ does not answer web',
    'bring it back; orders are taken in and wait',
  );
  for (const { actor, paused } of actors)
    when(
      paused !== null,
      'actor.paused',
      `${paused?.by} has paused ${actor} since ${paused?.since.toISOString()}: ${paused?.reason}`,
      resumeOf(actor),
    );
  if (rabbitmq.reachable) reasons.push(...actors.flatMap(queueReasons));
  for (const { provider, actors, reason } of circuits)
    when(
      true,
      'provider.ill',
      `the ${provider} fails (${reason ?? 'no reason is known'}), and ${actors.join(', ')} pauses`,
      'mend it or wait; it goes on by itself',
    );
  for (const { actor, oldestWaitingMs, paused } of actors)
    when(
      paused === null && oldestWaitingMs !== null && oldestWaitingMs > PATIENCE_MS,
      'actor.behind',
      `${actor} has not handled a message that is ${seconds(oldestWaitingMs ?? 0)} old`,
      `see /readyz and the log of ${actor}; run more of it if it only has much to do`,
    );
  when(
    outbox.oldestMs > PATIENCE_MS,
    'outbox.behind',
    `the oldest of ${outbox.depth} messages in the outbox is ${seconds(outbox.oldestMs)} old`,
    'the relay does not run, RabbitMQ is away, or a queue is missing: start the one, run the release step for the other',
  );
  when(
    timers.overdueMs > PATIENCE_MS,
    'timers.overdue',
    `${timers.overdue} timers are overdue, the longest by ${seconds(timers.overdueMs)}`,
    'start the scheduler',
  );
  when(
    deadLetters.open > 0,
    'dead-letters.open',
    `dead letters that wait for somebody: ${deadLetters.open}, messages behind them: ${deadLetters.held}`,
    'warren dead-letters list',
  );
  when(
    deadLetters.unfiled > 0,
    'dead-letters.unfiled',
    `${deadLetters.unfiled} dead letters could not be filed and stand in the queue dead-letters.unfiled`,
    'look at them in the management pages of RabbitMQ',
  );
  return { well: reasons.length === 0, reasons };
}

function queueReasons({ actor, consumers, paused }: ActorStatus): Reason[] {
  if (consumers === null)
    return [{ code: 'queue.missing', says: `the queue of ${actor} is not there`, remedy: 'run the release step' }];
  if (consumers > 0 || paused !== null) return [];
  return [
    {
      code: 'actor.no-consumer',
      says: `nobody consumes the queue of ${actor}`,
      remedy: `start it: node dist/workers/start.js ${actor}`,
    },
  ];
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
