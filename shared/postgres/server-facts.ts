/** What a PostgreSQL server is, and what we may do there. */
import type { Database } from './database.js';

export interface PostgresFacts {
  readonly version: string;
  /** Connections that everybody together may open, those reserved for superusers left out; fewer where the role has a limit. */
  readonly mostConnections: number;
  /** Open now, of everybody. */
  readonly connections: number;
  /** Tables can be made: what the release step needs. */
  readonly creates: boolean;
}

export async function postgresFacts(database: Database): Promise<PostgresFacts> {
  const { rows } = await database.query<PostgresFacts>({
    text: `select current_setting('server_version') as version,
             least(current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                   (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user)) as "mostConnections",
             (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
             has_schema_privilege('public', 'create') as creates`,
  });
  const [facts] = rows;
  if (facts === undefined) throw new TypeError('a select without a table returns one row');
  return facts;
}
