/** Letters that are parked: the release that got them did not know their type or version, and nothing else is wrong with them. */
import { HEADER } from '../messaging/wire.js';
import type { Database } from './database.js';

/** A message that an actor of this release handles, in every version up to this one. */
export interface Known {
  readonly type: string;
  readonly version: number;
}

/**
 * The ids of an actor's open letters that were parked by another release and that are known now, by error code; those of a
 * redrive job are left out.
 * @param release this one; where it has no name, it cannot be told from others, and all are
 */
export async function parkedAndKnown(
  database: Database,
  {
    actor,
    known,
    release,
    limit,
  }: {
    readonly actor: string;
    readonly known: readonly Known[];
    readonly release: string;
    readonly limit: number;
  },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await database.query<{ id: string; code: string }>({
    text: `select letter.id, error_code as code
           from dead_letters as letter join unnest($2::text[], $3::integer[]) as known (type, version) on known.type = letter.type
           cross join lateral (
             select case coalesce(jsonb_typeof(headers->$5), 'none')
                    when 'number' then (headers->>$5)::numeric when 'none' then 1 end as version
           ) as arrived
           where actor = $1 and status = 'open' and redrive_job is null
             and error_code in ('message.unknown-type', 'message.unknown-version')
             and (release is distinct from $4 or $4 = 'unknown')
             and arrived.version between 1 and known.version and arrived.version = trunc(arrived.version)
           order by letter.id limit $6`,
    values: [
      actor,
      known.map(({ type }) => type),
      known.map(({ version }) => version),
      release,
      HEADER.schemaVersion,
      limit,
    ],
  });
  const byCode = new Map<string, string[]>();
  for (const { id, code } of rows) byCode.set(code, [...(byCode.get(code) ?? []), id]);
  return byCode;
}
