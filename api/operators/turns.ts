/** Lets operators' requests be carried out one after the other: however many look, they take one of web's connections to the database, and orders keep the others. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problem.js';
import { whenNobodyWaits } from '../when-nobody-waits.js';

const WAITING_AT_MOST = 50;
const RETRY_AFTER_S = 1;

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** A hook that runs before the handler. @throws {Problem} `intake.overloaded`, or `request.timeout` where nobody waits any more */
  readonly take = async (_request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    let closed = false;
    const over = new Promise<void>((resolve) => {
      whenNobodyWaits(reply, () => {
        closed = true;
        resolve();
      });
    });
    await this.#turn(over);
    if (closed) throw new Problem('request.timeout', 'The caller has hung up.');
  };

  /** Does what no single request asks for, when its turn comes. @throws {Problem} `intake.overloaded` */
  async carryOut<T>(work: () => Promise<T>): Promise<T> {
    let finish = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      finish = resolve;
    });
    try {
      await this.#turn(over);
      return await work();
    } finally {
      finish();
    }
  }

  /** Resolves when the turn has come, which then lasts until it is over. */
  async #turn(over: Promise<void>): Promise<void> {
    if (this.#waiting >= WAITING_AT_MOST)
      throw new Problem('intake.overloaded', 'Too many operators ask at once; try again later.', {
        retryAfterS: RETRY_AFTER_S,
      });
    this.#waiting += 1;
    const before = this.#last;
    this.#last = before.then(() => over);
    await before;
    this.#waiting -= 1;
  }
}
