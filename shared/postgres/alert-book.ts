/** Alerts from round to round, and whose turn it is to look after them: one scheduler's, until it is silent for a while. */
import type { Database } from './database.js';

/** A holder that does not come back for so long has died, and another takes over, in milliseconds. */
const TURN_MS = 60_000;

export class AlertBook<A extends object> {
  readonly #database: Database;
  readonly #holder: string;

  /** @param holder drawn anew by each process */
  constructor(database: Database, holder: string) {
    this.#database = database;
    this.#holder = holder;
  }

  /** Takes the turn or keeps it. The time is the database's, in milliseconds since 1970; undefined when another has the turn. */
  async takeTurn(): Promise<number | undefined> {
    const { rows } = await this.#database.query<{ now: number }>({
      text: `insert into alert_turn (holder, held_until) values ($1, now() + $2 * interval '1 millisecond')
             on conflict (single) do update set holder = excluded.holder, held_until = excluded.held_until
             where alert_turn.holder = excluded.holder or alert_turn.held_until < now()
             returning floor(extract(epoch from now()) * 1000)::bigint as now`,
      values: [this.#holder, TURN_MS],
    });
    return rows[0]?.now;
  }

  /** Leaves the turn to whoever comes next. */
  async leave(): Promise<void> {
    await this.#database.query({ text: 'delete from alert_turn where holder = $1', values: [this.#holder] });
  }

  async read(): Promise<A[]> {
    const { rows } = await this.#database.query<{ alert: A }>({ text: 'select alert from alerts order by key' });
    return rows.map(({ alert }) => alert);
  }

  /** Writes these in the place of all there were, unless the turn was lost meanwhile. */
  async write(alerts: ReadonlyMap<string, A>): Promise<void> {
    await this.#database.query({
      text: `with mine as (select from alert_turn where holder = $1 for update),
               gone as (delete from alerts using mine where key <> all($2::text[]))
             insert into alerts (key, alert)
             select key, alert from unnest($2::text[], $3::jsonb[]) as new (key, alert), mine
             on conflict (key) do update set alert = excluded.alert where alerts.alert <> excluded.alert`,
      values: [this.#holder, [...alerts.keys()], [...alerts.values()].map((alert) => JSON.stringify(alert))],
    });
  }
}
