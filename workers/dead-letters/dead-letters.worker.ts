/** Files every dead letter in PostgreSQL, whichever road it came by, and acks it only then. */

import { Mailbox } from '../../shared/actors/mailbox.js';
import { pauseBetweenTries } from '../../shared/actors/pause.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { deadLettersFiled } from '../../shared/observability/metrics.js';
import { fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { isUnavailable } from '../../shared/postgres/failure.js';
import { Consumer } from '../../shared/rabbitmq/consumer.js';
import type { Delivery } from '../../shared/rabbitmq/delivery.js';
import { DEAD_LETTERS } from '../../shared/rabbitmq/topology.js';
import { deadLetterOf } from './dead-letter.js';

const PREFETCH = 100;
/** Before a letter that could not be filed is tried again. */
const REQUEUE_AFTER_MS = 1000;

const later = async (delivery: Delivery): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, REQUEUE_AFTER_MS));
  delivery.requeue();
};

export const worker: Worker = {
  start({ consuming, database, log }): Running {
    const deliveries = new Mailbox<Delivery>();
    const hurry = new AbortController();
    const pause = pauseBetweenTries(log, hurry.signal);
    const consumer = new Consumer(
      consuming,
      { queue: DEAD_LETTERS, prefetch: PREFETCH, onDelivery: (delivery) => deliveries.put(delivery) },
      log,
    );

    const file = async (batch: readonly Delivery[]): Promise<void> => {
      for (let failures = 1; ; failures++) {
        try {
          const letters = batch.map(deadLetterOf);
          await fileDeadLetters(database, letters);
          for (const delivery of batch) delivery.ack();
          for (const { actor, messageId, type, correlationId, errorCode, attempts } of letters) {
            deadLettersFiled.inc({ actor, code: errorCode });
            log.warn(
              { actor, messageId, type, orderId: correlationId, code: errorCode, attempt: attempts },
              'filed a dead letter',
            );
          }
          return;
        } catch (error) {
          if (!isUnavailable(error)) throw error;
          await pause(failures, error);
        }
      }
    };

    const ended = (async () => {
      for (let batch = await deliveries.take(PREFETCH); batch.length > 0; batch = await deliveries.take(PREFETCH)) {
        try {
          await file(batch);
        } catch (error) {
          if (hurry.signal.aborted) return;
          // One that cannot be filed must not keep the others: each on its own, and the broker sets aside what fails.
          for (const delivery of batch) await file([delivery]).catch(() => later(delivery));
          log.error({ err: error }, 'a dead letter could not be filed');
        }
      }
    })();

    return {
      readiness: () => (consumer.subscribed ? true : `not subscribed to ${DEAD_LETTERS}`),
      async stop(graceMs) {
        await consumer.stop();
        deliveries.close();
        const timer = setTimeout(() => hurry.abort(new Error('the process has to stop')), graceMs);
        await ended;
        clearTimeout(timer);
        await consumer.close();
      },
    };
  },
};
