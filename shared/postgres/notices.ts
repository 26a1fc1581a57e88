/** What a worker has to tell operators. The scheduler makes an alert of it, told and resolved like every other. */
import type { Database } from './database.js';

export interface Notice {
  readonly worker: string;
  /** What it is about; one worker may have several. */
  readonly subject: string;
  /** How many things somebody has to look at; 0 resolves the alert. */
  readonly level: number;
  /** A sentence for people. */
  readonly summary: string;
}

/** Says how things stand now. Written only when that has changed, so it may be said as often as one likes. */
export async function notify(database: Database, { worker, subject, level, summary }: Notice): Promise<void> {
  await database.query({
    name: 'notice-put',
    text: `insert into notices as stored (worker, subject, level, summary) values ($1, $2, $3, $4)
           on conflict (worker, subject) do update set level = $3, summary = $4, noted_at = now()
           where stored.level <> $3 or stored.summary <> $4`,
    values: [worker, subject, level, summary],
  });
}

export async function notices(database: Database): Promise<Notice[]> {
  const { rows } = await database.query<Notice>({
    name: 'notices',
    text: 'select worker, subject, level, summary from notices order by worker, subject',
  });
  return rows;
}
