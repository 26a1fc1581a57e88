/**
 * Marks on the redelivered messages that an actor is handling: set before, cleared after. One that was not cleared, and
 * whose holder has fallen silent, tells what a process died with, or hangs in. They outlive the process, and Redis.
 */
import { v7 } from 'uuid';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import type { Database } from './database.js';

/** Between signs of life; they stop when the event loop does. */
const SHOW_LIFE_MS = 1000;

/** A mark that somebody else has set. */
export interface CrashMark {
  readonly holder: string;
  /** Its holder handled nothing else meanwhile. */
  readonly alone: boolean;
  /** Deaths that were proven before it was set. */
  readonly crashes: number;
  /** Since its holder last showed life, by the database's clock. */
  readonly silentMs: number;
}

export class CrashMarks {
  readonly #database: Database;
  readonly #actor: string;
  readonly #log: Logger;
  readonly #holder = v7();
  #life: NodeJS.Timeout | undefined;
  #showing = false;

  constructor(database: Database, actor: string, log: Logger) {
    this.#database = database;
    this.#actor = actor;
    this.#log = log;
  }

  /** Marks the messages as handled now, among others. Those that are marked already are left as they are, and returned. */
  async set(ids: readonly string[]): Promise<ReadonlyMap<string, CrashMark>> {
    const { rows } = await this.#database.query<{ message_id: string }>({
      name: 'crash-marks-set',
      // Our own is one whose clearing, or the answer to whose setting, was lost.
      text: `insert into crash_marks (actor, message_id, holder)
             select $1, id, $3 from unnest($2::uuid[]) as id order by id
             on conflict (actor, message_id) do update set alone = false, crashes = 0, seen_at = now()
             where crash_marks.holder = excluded.holder returning message_id`,
      values: [this.#actor, ids, this.#holder],
    });
    const ours = new Set(rows.map((row) => row.message_id));
    if (ours.size > 0) this.#live();
    const others = ids.filter((id) => !ours.has(id));
    if (others.length === 0) return new Map();
    const left = await this.#read(others);
    const cleared = others.filter((id) => !left.has(id));
    return cleared.length === 0 ? left : new Map([...left, ...(await this.set(cleared))]);
  }

  /** Takes the mark over from the holder that left it, to handle the message alone. False when somebody was faster. */
  async takeOver(id: string, from: string, crashes: number): Promise<boolean> {
    const { rowCount } = await this.#database.query({
      name: 'crash-marks-take-over',
      text: `update crash_marks set holder = $3, alone = true, crashes = $5, seen_at = now()
             where actor = $1 and message_id = $2 and holder in ($3, $4)`,
      values: [this.#actor, id, this.#holder, from, crashes],
    });
    if (rowCount > 0) this.#live();
    return rowCount > 0;
  }

  /** The messages are handled, and all that this process has marked. */
  async clear(ids: readonly string[]): Promise<void> {
    await this.#delete(ids, this.#holder);
    clearInterval(this.#life);
    this.#life = undefined;
  }

  /** The message is a dead letter: if it comes again, it is because somebody has mended it. */
  async forget(id: string, holder: string): Promise<void> {
    await this.#delete([id], holder);
  }

  async #delete(ids: readonly string[], holder: string): Promise<void> {
    await this.#database.query({
      name: 'crash-marks-clear',
      // Nobody comes back for a mark whose process died between the ack and this.
      text: `delete from crash_marks where (actor = $1 and message_id = any($2::uuid[]) and holder = $3)
             or seen_at < now() - interval '7 days'`,
      values: [this.#actor, ids, holder],
    });
  }

  async #read(ids: readonly string[]): Promise<ReadonlyMap<string, CrashMark>> {
    const { rows } = await this.#database.query<{
      message_id: string;
      holder: string;
      alone: boolean;
      crashes: number;
      silent_ms: number;
    }>({
      name: 'crash-marks-read',
      text: `select message_id, holder, alone, crashes, (extract(epoch from now() - seen_at) * 1000)::bigint as silent_ms
             from crash_marks where actor = $1 and message_id = any($2::uuid[])`,
      values: [this.#actor, ids],
    });
    return new Map(
      rows.map(({ message_id, silent_ms, ...mark }) => [message_id, { ...mark, silentMs: silent_ms }] as const),
    );
  }

  #live(): void {
    this.#life ??= setInterval(() => void this.#showLife(), SHOW_LIFE_MS).unref();
  }

  /** When it fails for long, a redelivery elsewhere takes this process for dead, and the message is handled alone there. */
  async #showLife(): Promise<void> {
    if (this.#showing) return;
    this.#showing = true;
    try {
      await this.#database.query({
        name: 'crash-marks-life',
        text: 'update crash_marks set seen_at = now() where holder = $1',
        values: [this.#holder],
      });
    } catch (error) {
      this.#log.debug({ reason: reasonOf(error) }, 'could not show life on the marks');
    } finally {
      this.#showing = false;
    }
  }
}
