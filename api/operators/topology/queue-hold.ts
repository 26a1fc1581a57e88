/** Holds an actor while its queue is declared anew, by a pause in the name of the operator who asked for it. */
import type { FastifyRequest } from 'fastify';
import type { Database } from '../../../shared/postgres/database.js';
import { pauseQueue, queueSettings, resumeQueue, settingFor } from '../../../shared/postgres/queue-settings.js';
import { redrivesUnderWay } from '../../../shared/postgres/redrives.js';
import type { QueueHold } from '../../../shared/rabbitmq/migrate-queue.js';
import { change } from '../change.js';

/** By which a pause is known as the migration's own, whoever goes on with it. */
const OWN = 'its queue is being migrated: ';
const THING = 'queue';

export class OperatorsHold implements QueueHold {
  readonly #database: Database;
  readonly #request: Pick<FastifyRequest, 'getDecorator'>;
  readonly #actors: readonly string[];
  readonly #reason: string;

  constructor(
    database: Database,
    request: Pick<FastifyRequest, 'getDecorator'>,
    { actors, reason }: { readonly actors: readonly string[]; readonly reason: string },
  ) {
    this.#database = database;
    this.#request = request;
    this.#actors = actors;
    this.#reason = reason;
  }

  async hold(queue: string): Promise<boolean> {
    if (!this.#actors.includes(queue)) return false;
    if ((await this.#pause(queue)) !== null) return true;
    const reason = `${OWN}${this.#reason}`;
    await change(
      this.#database,
      this.#request,
      { action: 'pause', thing: THING, thingId: queue, reason },
      (transaction, author) => pauseQueue(transaction, queue, author),
    );
    return true;
  }

  /** A pause of somebody's own stays. */
  async release(queue: string): Promise<void> {
    if ((await this.#pause(queue))?.reason.startsWith(OWN) !== true) return;
    const reason = `its queue is declared anew: ${this.#reason}`;
    await change(
      this.#database,
      this.#request,
      { action: 'resume', thing: THING, thingId: queue, reason },
      (transaction) => resumeQueue(transaction, queue),
    );
  }

  addressed(queue: string): Promise<boolean> {
    return redrivesUnderWay(this.#database, queue);
  }

  async #pause(queue: string) {
    return settingFor(queue, await queueSettings(this.#database, [queue])).paused;
  }
}
