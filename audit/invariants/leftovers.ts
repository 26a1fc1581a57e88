/** 8: nothing is left lying about: no message in a queue, no timer, no dead letter that nobody accounts for. */
import { STANDING } from '../../shared/postgres/dead-letters.js';
import type { Evidence } from '../evidence.js';
import type { Found, Invariant } from '../invariant.js';
import { findSetWise } from '../set-wise.js';

interface Letter {
  readonly correlationId: string | null;
  readonly messageId: string;
  readonly actor: string;
  readonly type: string | null;
  readonly code: string;
}

export const leftovers: Invariant = {
  number: 8,
  title: 'leftovers',
  checks: [
    {
      what: 'work, retry and dead-letter queues are empty',
      holds: 'when-quiet',
      find: findMessages,
    },
    {
      what: 'every dead letter is redriven, edited, discarded or expected',
      holds: 'always',
      find: (evidence) =>
        findSetWise<Letter>(evidence, {
          count: `select count(*) from dead_letters where ${RECENT} and $2::text[] is not null`,
          faulty: `select correlation_id as "correlationId", message_id as "messageId", actor, type, error_code as code
                   from dead_letters where ${STANDING} and ${RECENT} and error_code <> all($2::text[]) order by id`,
          values: [evidence.expectedDeadLetters],
          violation: ({ correlationId, messageId, actor, type, code }) => ({
            ...(correlationId === null ? {} : { orderId: correlationId }),
            subject: `message ${messageId}`,
            what: `${type ?? 'a message'} is a dead letter of ${actor} that stands: ${code}`,
          }),
        }),
    },
    {
      what: 'no timer is overdue',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; type: string; seconds: number }>(evidence, {
          count: 'select count(*) from timers where ($1::timestamptz is null or true) and $2::bigint > 0',
          faulty: `select correlation_id as "orderId", type, extract(epoch from now() - due_at)::int as seconds from timers
                   where ($1::timestamptz is null or true) and due_at < now() - $2::bigint * interval '1 millisecond'`,
          values: [TIMER_LATE_MS],
          violation: ({ orderId, type, seconds }) => ({ orderId, what: `its timer ${type} is ${seconds} s overdue` }),
        }),
    },
  ],
};

/** The scheduler looks every five seconds; when it starts anew it takes some more. */
const TIMER_LATE_MS = 60_000;

const RECENT = '($1::timestamptz is null or last_at >= $1)';

async function findMessages({ sources }: Evidence): Promise<Found> {
  const { depths } = await sources.broker();
  return {
    checked: depths.size,
    violations: [...depths]
      .filter(([, depth]) => depth > 0)
      .map(([name, depth]) => ({ subject: `queue ${name}`, what: `holds ${depth} messages` })),
  };
}
