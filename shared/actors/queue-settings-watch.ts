/**
 * Keeps the actors of a process to what operators have set for their queues: one small statement every two seconds, or five at rest,
 * however many they are. Without PostgreSQL what was last known holds; before it is known for the first time nothing is consumed.
 */
import type { Logger } from '../observability/log.js';
import { Rest } from '../observability/rest.js';
import type { Database } from '../postgres/database.js';
import { type QueueSetting, queueSettings, settingFor } from '../postgres/queue-settings.js';
import { Rounds } from './rounds.js';

const LOOK_EVERY_MS = 2000;

interface Adjustable {
  adjust(setting: QueueSetting): Promise<void>;
}

export interface QueueSettingsOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Between looks of a process that is not at rest, in milliseconds. @default 2000 */
  readonly everyMs?: number;
}

export class QueueSettingsWatch {
  readonly #actors: ReadonlyMap<string, Adjustable>;
  readonly #options: QueueSettingsOptions;
  readonly #rest = new Rest();
  readonly #rounds: Rounds;
  #known: ReadonlyMap<string, QueueSetting> | undefined;

  /** Looks at once. @param actors by name, none of them consuming yet */
  constructor(actors: ReadonlyMap<string, Adjustable>, options: QueueSettingsOptions) {
    this.#actors = actors;
    this.#options = options;
    this.#rounds = new Rounds('queue settings', () => this.#look(), options.log);
  }

  /** True, or why nothing is consumed. */
  readiness(): true | string {
    return this.#known !== undefined || 'what operators have set is not known yet: PostgreSQL has not told';
  }

  /** Resolves when the present look is over. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  async #look(): Promise<number> {
    const { database, everyMs = LOOK_EVERY_MS } = this.#options;
    const now = await queueSettings(database, [...this.#actors.keys()]);
    const before = this.#known;
    this.#known = now;
    for (const name of this.#actors.keys()) this.#tell(name, before && settingFor(name, before), settingFor(name, now));
    await Promise.all([...this.#actors].map(([name, actor]) => actor.adjust(settingFor(name, now))));
    return this.#rest.pauseMs(everyMs);
  }

  #tell(actor: string, before: QueueSetting | undefined, { paused, prefetch }: QueueSetting): void {
    const { log } = this.#options;
    if (paused !== null && (before?.paused ?? null) === null)
      log.warn({ actor, by: paused.by, reason: paused.reason, since: paused.since }, 'paused: it consumes nothing');
    if (paused === null && (before?.paused ?? null) !== null) log.info({ actor }, 'resumed: it consumes again');
    if (prefetch !== (before?.prefetch ?? null)) log.info({ actor, prefetch }, 'its prefetch was set');
  }
}
