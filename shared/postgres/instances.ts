/** The processes of the fleet as they have noted themselves: which live, what each holds and has handled. Times are the database's. */
import type { Database } from './database.js';

/** What a process says of an actor that it runs. */
export interface ActorLoad {
  /** Deliveries that are neither settled nor given back. */
  readonly inFlight: number;
  /** Messages, since the process started. */
  readonly handled: number;
  /** Messages a second, since it was noted before. */
  readonly perSecond: number;
}

export interface InstanceNoted {
  readonly id: string;
  /** The workers it runs, or `web`. */
  readonly kind: string;
  readonly host: string;
  readonly pid: number;
  readonly release: string;
  readonly upMs: number;
  /** p99 since it was noted before. */
  readonly loopDelayMs: number;
  readonly actors: Readonly<Record<string, ActorLoad>>;
}

export interface Instance extends Omit<InstanceNoted, 'upMs'> {
  readonly startedAt: Date;
  readonly seenAt: Date;
  readonly silentMs: number;
  /** It is silent for so long that it has probably died. */
  readonly gone: boolean;
}

/** What all processes of an actor come to. */
export interface ActorLoads extends Omit<ActorLoad, 'handled'> {
  readonly actor: string;
  readonly processes: number;
}

/** A process shows life twelve times in it. */
const GONE_AFTER_MS = 60_000;
/** Three signs of life were missed: what it said last does not hold any more. */
const COUNTED_FOR_MS = 15_000;
/** A process that dies again and again at its start leaves a row each time. */
const LISTED_AT_MOST = 1000;

export async function noteInstance(database: Database, noted: InstanceNoted): Promise<void> {
  const { id, kind, host, pid, release, upMs, loopDelayMs, actors } = noted;
  await database.query({
    name: 'instance-note',
    text: `insert into instances (id, kind, host, pid, release, started_at, loop_delay_ms, actors)
           values ($1, $2, $3, $4, $5, now() - $6 * interval '1 millisecond', $7, $8::jsonb)
           on conflict (id) do update
             set seen_at = now(), loop_delay_ms = excluded.loop_delay_ms, actors = excluded.actors`,
    values: [id, kind, host, pid, release, upMs, loopDelayMs, JSON.stringify(actors)],
  });
}

/** It has ended in order. */
export async function forgetInstance(database: Database, id: string): Promise<void> {
  await database.query({ text: 'delete from instances where id = $1', values: [id] });
}

/** Those that have been silent for a day. Returns how many. */
export async function forgetGoneInstances(database: Database): Promise<number> {
  const { rowCount } = await database.query({ text: `delete from instances where seen_at < now() - interval '1 day'` });
  return rowCount;
}

/** Those that live first, by what they run; those that are gone with the last first. */
export async function listInstances(database: Database): Promise<Instance[]> {
  const { rows } = await database.query<Omit<Instance, 'gone'>>({
    text: `select id, kind, host, pid, release, started_at as "startedAt", seen_at as "seenAt", actors,
             loop_delay_ms as "loopDelayMs",
             -- A row from later than now is from before the server's clock was set back.
             abs(extract(epoch from now() - seen_at) * 1000)::bigint as "silentMs"
           from instances order by seen_at desc limit ${LISTED_AT_MOST}`,
  });
  const seen = rows.map((row) => ({ ...row, gone: row.silentMs >= GONE_AFTER_MS }));
  const order = ({ kind, startedAt }: Instance): string => `${kind} ${startedAt.toISOString()}`;
  return [
    ...seen.filter(({ gone }) => !gone).sort((one, other) => (order(one) < order(other) ? -1 : 1)),
    ...seen.filter(({ gone }) => gone),
  ];
}

/** By actor, of the processes that have shown life lately. */
export async function actorLoads(database: Database): Promise<ActorLoads[]> {
  const { rows } = await database.query<ActorLoads>({
    text: `select actor, count(*)::integer as processes, sum((load->>'inFlight')::integer)::integer as "inFlight",
             sum((load->>'perSecond')::float8) as "perSecond"
           from instances cross join jsonb_each(actors) as each (actor, load)
           where seen_at between now() - $1 * interval '1 millisecond' and now() + $1 * interval '1 millisecond' group by actor order by actor`,
    values: [COUNTED_FOR_MS],
  });
  return rows;
}
