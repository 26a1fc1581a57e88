/** Lets operators' requests be carried out one after the other: however many look, they take one of web's connections to the database, and orders keep the others. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';

const WAITING_AT_MOST = 50;
const RETRY_AFTER_S = 1;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** A hook that runs before the handler. @throws {Problem} `intake.overloaded` */
  readonly take = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (this.#waiting >= WAITING_AT_MOST)
      throw new Problem('intake.overloaded', 'Too many operators ask at once; try again later.', {
        retryAfterS: RETRY_AFTER_S,
      });
    this.#waiting += 1;
    const before = this.#last;
    // Comes once for every answer, also when the caller has hung up.
    this.#last = new Promise((resolve) => reply.raw.once('close', () => resolve(undefined)));
    await before;
    this.#waiting -= 1;
  };
}
