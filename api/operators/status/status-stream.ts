/**
 * `GET /operator/status/events`: how the fleet is, every two seconds, to everybody who looks at the console. One look serves all of
 * them, and nobody looks while nobody listens.
 */
import type { FastifyBaseLogger } from 'fastify';
import { reasonOf } from '../../../shared/observability/reason.js';
import { leavePlace } from '../../intake/admission.js';
import { intakeRefused } from '../../metrics.js';
import { Problem } from '../../problem.js';
import { ServerSentStream } from '../../server-sent-stream.js';
import type { App } from '../../type-provider.js';

const LOOK_EVERY_MS = 2000;
const LISTENERS_AT_MOST = 50;
/** A listener then comes back, and is asked again who it is: a session that is over hears no more. */
const LISTENS_MS = 60_000;

export interface StatusStreamParts<T> {
  /** How the fleet is. */
  readonly look: () => Promise<T>;
  readonly log: FastifyBaseLogger;
}

export class StatusStream<T> {
  readonly #parts: StatusStreamParts<T>;
  readonly #listeners = new Set<ServerSentStream>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #closing = false;
  #seen: T | undefined;

  constructor(parts: StatusStreamParts<T>) {
    this.#parts = parts;
  }

  route(app: App): void {
    // A stream that sends nothing would stay open for nobody.
    app.get('/operator/status/events', { exposeHeadRoute: false }, async (request, reply) => {
      if (this.#closing || this.#listeners.size >= LISTENERS_AT_MOST) {
        intakeRefused.inc({ full: 'streams' });
        throw new Problem('intake.overloaded', 'No further stream can be opened here; try again.', {
          retryAfterS: 5,
        });
      }
      reply.hijack();
      leavePlace(request);
      const stream = new ServerSentStream(reply);
      const limit = setTimeout(() => stream.end(), LISTENS_MS).unref();
      this.#listeners.add(stream);
      // Who comes between two looks is shown the last one.
      if (this.#seen !== undefined) stream.send({ event: 'status', data: this.#seen });
      else this.#lookIn(0);
      stream.whenNobodyWaits(() => {
        this.#listeners.delete(stream);
        clearTimeout(limit);
        if (this.#listeners.size === 0) this.#rest();
      });
      return reply;
    });
  }

  /** Ends all streams; their listeners come back to another process. */
  close(): void {
    this.#closing = true;
    for (const stream of this.#listeners) stream.end();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#seen = undefined;
  }

  #lookIn(delayMs: number): void {
    if (this.#looking || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#look(), delayMs).unref();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    let event: { event: string; data: unknown };
    try {
      const seen = await this.#parts.look();
      this.#seen = this.#listeners.size > 0 ? seen : undefined;
      event = { event: 'status', data: seen };
    } catch (error) {
      this.#seen = undefined;
      event = { event: 'silent', data: { why: 'web cannot look at present; it tries on' } };
      this.#parts.log.warn({ reason: reasonOf(error) }, 'the console cannot be told how the fleet is; trying on');
    }
    for (const listener of this.#listeners) listener.send(event);
    this.#looking = false;
    this.#timer = undefined;
    if (this.#listeners.size > 0) this.#lookIn(LOOK_EVERY_MS);
  }
}
