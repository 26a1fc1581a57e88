/** 7: every message reaches everybody it is for, and takes effect once. */
import type { Evidence } from '../evidence.js';
import type { Found, Invariant } from '../invariant.js';
import { findSetWise, since } from '../set-wise.js';

/** The retry ladder gives up after about sixteen hours: what is older and not handled is lost. */
const LADDER_ENDS_MS = 24 * 3_600_000;

export const delivery: Invariant = {
  number: 7,
  title: 'delivery',
  checks: [
    {
      what: 'every message is sent: the outbox is empty',
      holds: 'when-quiet',
      find: (evidence) =>
        findSetWise<{ orderId: string | null; id: string; type: string | null }>(evidence, {
          count: `select count(*) from event_log where ${since('id')}`,
          faulty: `select correlation_id as "orderId", id, type from outbox left join event_log using (id) where ${since('id')}`,
          violation: ({ orderId, id, type }) => ({
            ...(orderId === null ? {} : { orderId }),
            subject: `message ${id}`,
            what: `${type ?? 'a message that is not in the log'} stands in the outbox`,
          }),
        }),
    },
    {
      what: 'every message is handled by each actor bound to it, or is on file as a dead letter',
      holds: 'once-settled',
      find: findUnhandled,
    },
    {
      what: 'no actor handled a message twice',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string | null; id: string; actor: string; times: number }>(evidence, {
          count: `select count(*) from inbox where ${since('message_id')}`,
          faulty: `select log.correlation_id as "orderId", twice.* from (
                     select message_id as id, actor, count(*) as times from inbox where ${since('message_id')}
                     group by message_id, actor having count(*) > 1
                   ) as twice left join event_log as log using (id)`,
          violation: ({ orderId, id, actor, times }) => ({
            ...(orderId === null ? {} : { orderId }),
            subject: `message ${id}`,
            what: `${actor} handled it ${times} times`,
          }),
        }),
    },
  ],
};

interface Unhandled {
  readonly orderId: string;
  readonly id: string;
  readonly type: string;
  readonly actor: string;
}

/** While the fleet is at work only what is older than the retry ladder is long. */
export async function findUnhandled(evidence: Evidence): Promise<Found> {
  const { listeners, scope } = evidence;
  const bound = listeners.flatMap(({ actor, types }) => types.map((type) => ({ actor, type })));
  const heard = `
    from event_log as log join unnest($2::text[], $3::text[]) as bound (actor, type) on bound.type = log.type
    where ${since('log.id')} and ($4::bigint is null or log.id < uuid_v7_floor(now() - $4 * interval '1 millisecond'))`;
  return findSetWise<Unhandled>(evidence, {
    count: `select count(*) ${heard}`,
    faulty: `
      select log.correlation_id as "orderId", log.id, log.type, bound.actor ${heard}
        and not exists (select from inbox where message_id = log.id and inbox.actor = bound.actor)
        and not exists (select from dead_letters as letter
                        where letter.actor = bound.actor and letter.message_id = log.id::text and status <> 'redriven')`,
    values: [
      bound.map(({ actor }) => actor),
      bound.map(({ type }) => type),
      scope.settledForMs === undefined ? null : LADDER_ENDS_MS,
    ],
    violation: ({ orderId, id, type, actor }) => ({
      orderId,
      subject: `message ${id}`,
      what: `${actor} has not handled ${type}`,
    }),
  });
}
