/** Deliveries that leave the actor by another way than being handled: up the ladder, to the dead letters, back to the queue. */
import type { Logger } from '../observability/log.js';
import type { Delivery } from '../rabbitmq/delivery.js';
import type { ActorDefinition } from './definition.js';
import { type FailedDeliveryOptions, giveBack, settleFailed } from './failed-delivery.js';
import { pauseBetweenTries } from './pause.js';
import type { ProcessParts } from './process-parts.js';

export interface DeparturesOptions {
  readonly actor: ActorDefinition;
  readonly parts: Pick<ProcessParts, 'publisher' | 'database' | 'release'>;
  readonly log: Logger;
  /** Aborts when the process is to stop: what is still held then goes back to its queue with the channel. */
  readonly stopping: AbortSignal;
  /** A letter may have been filed: its order's effects wait from now on. */
  readonly onFiled: () => void;
}

export class Departures {
  readonly #options: DeparturesOptions;
  #underWay = 0;

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** Deliveries that are being moved. */
  get underWay(): number {
    return this.#underWay;
  }

  /** To the ladder or the dead letters. Resolves when the delivery is acked, or no longer ours. Never rejects. */
  async fail(delivery: Delivery, error: unknown): Promise<void> {
    await this.#move((options) => settleFailed(delivery, error, options));
    this.#options.onFiled();
  }

  /** To the end of its queue, as it is. Resolves like `fail`. */
  giveBack(delivery: Delivery): Promise<void> {
    return this.#move((options) => giveBack(delivery, options));
  }

  async #move(move: (options: FailedDeliveryOptions) => Promise<void>): Promise<void> {
    const { actor, parts, log, stopping } = this.#options;
    const { publisher, database, release } = parts;
    this.#underWay += 1;
    await move({ actor, publisher, database, release, log, stopping, pause: pauseBetweenTries(log, stopping) });
    this.#underWay -= 1;
  }
}
