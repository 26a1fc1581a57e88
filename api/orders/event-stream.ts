/** Server-sent events: an order's messages from the first on, its status when it changes, and the end when it is final. */
import type { FastifyReply } from 'fastify';
import { intakeRefused } from '../metrics.js';
import { Problem } from '../problem.js';
import { ServerSentStream } from '../server-sent-stream.js';
import type { OrderEvent } from './event-rows.js';
import type { Follower, OrderWatch } from './order-watch.js';
import { StreamPosition } from './stream-position.js';

const STREAMS_AT_MOST = 1000;
const FINAL = new Set(['SHIPPED', 'CANCELLED']);

/** All streams of the process. */
export class EventStreams {
  readonly #watch: OrderWatch;
  readonly #open = new Set<EventStream>();
  #closing = false;

  constructor(watch: OrderWatch) {
    this.#watch = watch;
  }

  /** Answers with a stream. @throws {Problem} `intake.overloaded` when too many are open, or the process is stopping */
  open(orderId: string, lastEventId: string | undefined, reply: FastifyReply): void {
    if (this.#closing || this.#open.size >= STREAMS_AT_MOST) {
      intakeRefused.inc({ full: 'streams' });
      throw new Problem('intake.overloaded', 'No further stream can be opened here; try again.', { retryAfterS: 5 });
    }
    reply.hijack();
    const stream = new EventStream(orderId, lastEventId, reply);
    this.#open.add(stream);
    this.#watch.follow(stream);
    stream.onceOver(() => {
      this.#watch.unfollow(stream);
      this.#open.delete(stream);
    });
  }

  /** Ends all streams; their readers come back to another process with their Last-Event-ID. */
  close(): void {
    this.#closing = true;
    for (const stream of this.#open) stream.end();
  }
}

/** A reader who is let go comes back with its Last-Event-ID. */
class EventStream implements Follower {
  readonly #stream: ServerSentStream;
  readonly #position: StreamPosition;
  #status: string | undefined;

  constructor(
    readonly orderId: string,
    lastEventId: string | undefined,
    reply: FastifyReply,
  ) {
    this.#position = new StreamPosition(lastEventId);
    this.#stream = new ServerSentStream(reply);
  }

  onceOver(work: () => void): void {
    this.#stream.onceOver(work);
  }

  unseen(ids: readonly string[]): readonly string[] {
    return this.#position.unseen(ids);
  }

  take(events: readonly OrderEvent[], status: string): void {
    for (const event of events)
      this.#stream.send({ id: this.#position.advance(event.id), event: event.type, data: event });
    if (status !== this.#status) {
      this.#status = status;
      this.#stream.send({ event: 'status', data: { orderId: this.orderId, status } });
    }
    if (FINAL.has(status)) this.end();
  }

  end(): void {
    this.#stream.end();
  }
}
