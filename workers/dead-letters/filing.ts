/** Files every dead letter that comes by the queue in PostgreSQL, and acks it only then. */
import { deadLetterOf } from '../../shared/actors/dead-letter.js';
import { Mailbox } from '../../shared/actors/mailbox.js';
import { pauseBetweenTries } from '../../shared/actors/pause.js';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { alertFiled } from '../../shared/observability/alert-filed.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import type { Logger } from '../../shared/observability/log.js';
import type { Database } from '../../shared/postgres/database.js';
import { type DeadLetter, fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { isUnavailable } from '../../shared/postgres/failure.js';
import { Consumer } from '../../shared/rabbitmq/consumer.js';
import type { Delivery } from '../../shared/rabbitmq/delivery.js';
import { DEAD_LETTERS } from '../../shared/rabbitmq/topology.js';

const PREFETCH = 100;
/** Before a letter that could not be filed is tried again. */
const REQUEUE_AFTER_MS = 1000;

export class Filing {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #deliveries = new Mailbox<Delivery>();
  readonly #hurry = new AbortController();
  readonly #pause;
  readonly #consumer: Consumer;
  readonly #ended: Promise<void>;

  constructor(consuming: ProcessParts['consuming'], database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
    this.#pause = pauseBetweenTries(log, this.#hurry.signal);
    const onDelivery = (delivery: Delivery): void => this.#deliveries.put(delivery);
    this.#consumer = new Consumer(consuming, { queue: DEAD_LETTERS, prefetch: PREFETCH, onDelivery }, log);
    this.#ended = this.#fileAll();
  }

  get subscribed(): boolean {
    return this.#consumer.subscribed;
  }

  async stop(graceMs: number): Promise<void> {
    await this.#consumer.stop();
    this.#deliveries.close();
    const timer = setTimeout(() => this.#hurry.abort(new Error('the process has to stop')), graceMs);
    await this.#ended;
    clearTimeout(timer);
    await this.#consumer.close();
  }

  async #fileAll(): Promise<void> {
    for (;;) {
      const batch = await this.#deliveries.take(PREFETCH);
      if (batch.length === 0) return;
      try {
        await this.#file(batch);
      } catch (error) {
        if (this.#hurry.signal.aborted) return;
        // One that cannot be filed must not keep the others: each on its own, and the broker sets aside what fails.
        for (const delivery of batch) await this.#file([delivery]).catch(() => later(delivery));
        this.#log.error({ err: error }, 'a dead letter could not be filed');
      }
    }
  }

  async #file(batch: readonly Delivery[]): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        const letters = batch.map(deadLetterOf);
        await this.#database.transaction((transaction) => fileDeadLetters(transaction, letters));
        failpoint('dead-letter-filed');
        for (const delivery of batch) delivery.ack();
        for (const letter of letters) alertFiled(this.#log, unquoted(letter));
        return;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        await this.#pause(failures, error);
      }
    }
  }
}

/** What a message says about an error is its publisher's, be it one of ours: it stands in the letter, and not in the log. */
const unquoted = (letter: DeadLetter): DeadLetter =>
  letter.road === 'broker' ? letter : { ...letter, errorMessage: 'as the letter says', stack: null };

async function later(delivery: Delivery): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, REQUEUE_AFTER_MS));
  delivery.requeue();
}
