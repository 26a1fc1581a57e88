/** Gives tests that share a database an empty one each. */
import type { Database } from '../../shared/postgres/database.js';

/** Empties every table but those that note the migrations. */
export async function emptyTables(database: Database): Promise<void> {
  const { rows } = await database.query<{ tables: string | null }>({
    text: `select string_agg(quote_ident(relname), ', ') as tables from pg_class
           where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname not like 'knex%'`,
  });
  await database.query({ text: `truncate ${rows[0]?.tables}` });
}
