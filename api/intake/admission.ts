/**
 * Lets requests in while there is room for them, and refuses the others before anything of them is read, looked up or stored.
 * A refusal costs next to nothing, so what was let in goes on at its pace, however much is asked for.
 */
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { intakeRefused } from '../metrics.js';
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { whenNobodyWaits } from '../when-nobody-waits.js';
import { Lately } from './lately.js';
import { type Full, fullFor, type Limits, type Room, retryAfterS } from './room.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Which room a request needs. @default reads for GET and HEAD, else changes */
    room?: Room;
  }
}

const DECORATOR = 'leavePlace';

/** Gives the place of a request to others before it is answered: it waits for something that keeps us busy no more. */
export const leavePlace = (request: Pick<FastifyRequest, 'getDecorator'>): void =>
  request.getDecorator<() => void>(DECORATOR)();

export interface AdmissionOptions {
  readonly limits: Limits;
  /** Bytes that a body has at most; one of unknown length counts as so many. */
  readonly bodyAtMost: number;
  readonly loopDelayMs: () => number;
  readonly unsent: () => number;
}

export class Admission {
  readonly #options: AdmissionOptions;
  #reads = 0;
  #changes = 0;
  #bodies = 0;
  readonly #refused = new Lately();
  readonly #refusals = new Map<string, Problem>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Lets requests leave their places; once for the whole app, before the routes. */
  prepare(app: App): void {
    app.decorateRequest(DECORATOR, () => undefined);
  }

  /** A hook that runs before all others. @throws {Problem} `intake.overloaded` */
  readonly check = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const room = roomFor(request);
    const body = room === 'reads' ? 0 : this.#bodyOf(request);
    const full = this.#fullFor(room, body);
    if (full !== undefined) {
      intakeRefused.inc({ full });
      const lately = this.#refused.note(performance.now());
      done(this.#refusal(full, retryAfterS(full, lately, Math.random())));
      return;
    }
    this.#count(room, body, 1);
    let left = false;
    const leave = (): void => {
      if (!left) this.#count(room, body, -1);
      left = true;
    };
    request.setDecorator(DECORATOR, leave);
    whenNobodyWaits(reply, leave);
    done();
  };

  /** Each is made once: an error's stack costs more than the rest of a refusal. */
  #refusal(full: Full, afterS: number): Problem {
    const name = `${full} ${afterS}`;
    const made = this.#refusals.get(name) ?? new Problem('intake.overloaded', DETAILS[full], { retryAfterS: afterS });
    this.#refusals.set(name, made);
    return made;
  }

  /** True, or why orders are refused at present. */
  readiness(): true | string {
    const full = this.#fullFor('orders', 0);
    return full === undefined ? true : `orders are refused: ${DETAILS[full]}`;
  }

  #fullFor(room: Room, body: number): Full | undefined {
    const { limits, loopDelayMs, unsent } = this.#options;
    const load = {
      reads: this.#reads,
      changes: this.#changes,
      bodies: this.#bodies,
      loopDelayMs: loopDelayMs(),
      unsent: unsent(),
    };
    return fullFor(room, body, load, limits);
  }

  #bodyOf({ headers }: FastifyRequest): number {
    const { bodyAtMost } = this.#options;
    const length = headers['content-length'];
    if (length !== undefined) return Math.min(Number(length), bodyAtMost);
    return headers['transfer-encoding'] === undefined ? 0 : bodyAtMost;
  }

  #count(room: Room, body: number, by: 1 | -1): void {
    if (room === 'reads') {
      this.#reads += by;
    } else {
      this.#changes += by;
      this.#bodies += by * body;
    }
  }
}

function roomFor({ method, routeOptions }: FastifyRequest): Room {
  return routeOptions.config.room ?? (method === 'GET' || method === 'HEAD' ? 'reads' : 'changes');
}

const DETAILS: Readonly<Record<Full, string>> = {
  requests: 'Too many requests are under way; nothing of this one was carried out. Try again later.',
  bodies: 'Too much is being received; nothing of this request was carried out. Try again later.',
  'event-loop': 'Too much is going on; nothing of this request was carried out. Try again later.',
  outbox: 'Too many orders wait to be passed on; this one was not taken. Try again later.',
};
