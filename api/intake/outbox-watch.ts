/** How many messages the outbox holds, as far as it matters to those who add to it: looked at every second, or less often when counting takes long. */
import { Rounds } from '../../shared/actors/rounds.js';
import type { Logger } from '../../shared/observability/log.js';
import type { Database } from '../../shared/postgres/database.js';
import { countUnsent } from '../../shared/postgres/outbox.js';

const LOOK_EVERY_MS = 1000;
/** For each message counted: 500,000, which take the database 0.03 to 0.1 s, are counted every 3.5 s. */
const LOOK_LATER_MS = 0.005;

export class OutboxWatch {
  readonly #rounds: Rounds;
  #unsent = 0;

  /** @param limit counted no further */
  constructor(database: Database, limit: number, log: Pick<Logger, 'info' | 'warn'>) {
    this.#rounds = new Rounds(
      'counting the outbox',
      async () => {
        this.#unsent = await countUnsent(database, limit);
        return LOOK_EVERY_MS + this.#unsent * LOOK_LATER_MS;
      },
      log,
    );
  }

  /** At the last look; while the database is away, before that. */
  get unsent(): number {
    return this.#unsent;
  }

  close(): Promise<void> {
    return this.#rounds.stop();
  }
}
