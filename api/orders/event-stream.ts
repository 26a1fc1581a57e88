/** Server-sent events: an order's messages from the first on, its status when it changes, and the end when it is final. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { eventStreamsOpen, intakeRefused } from '../metrics.js';
import { Problem } from '../problem.js';
import type { OrderEvent } from './event-rows.js';
import type { Follower, OrderWatch } from './order-watch.js';
import { StreamPosition } from './stream-position.js';

const STREAMS_AT_MOST = 1000;
/** Keeps proxies from closing a silent stream. */
const HEARTBEAT_MS = 15_000;
/** A reader who is this far behind is let go, in bytes; it comes back with its Last-Event-ID. */
const BACKLOG_AT_MOST = 1024 * 1024;
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
    const stream = new EventStream(orderId, lastEventId, reply.raw);
    this.#open.add(stream);
    eventStreamsOpen.set(this.#open.size);
    this.#watch.follow(stream);
    reply.raw.on('error', () => undefined);
    reply.raw.once('close', () => {
      stream.stop();
      this.#watch.unfollow(stream);
      this.#open.delete(stream);
      eventStreamsOpen.set(this.#open.size);
    });
  }

  /** Ends all streams; their readers come back to another process with their Last-Event-ID. */
  close(): void {
    this.#closing = true;
    for (const stream of this.#open) stream.end();
  }
}

class EventStream implements Follower {
  readonly #response: ServerResponse;
  readonly #position: StreamPosition;
  readonly #heartbeat: NodeJS.Timeout;
  #status: string | undefined;

  constructor(
    readonly orderId: string,
    lastEventId: string | undefined,
    response: ServerResponse,
  ) {
    this.#response = response;
    this.#position = new StreamPosition(lastEventId);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // Kept alive, it would hold up a process that is stopping.
      connection: 'close',
    });
    response.flushHeaders();
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS).unref();
  }

  unseen(ids: readonly string[]): readonly string[] {
    return this.#position.unseen(ids);
  }

  take(events: readonly OrderEvent[], status: string): void {
    for (const event of events) {
      const position = this.#position.advance(event.id);
      this.#write(`id: ${position}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    if (status !== this.#status) {
      this.#status = status;
      this.#write(`event: status\ndata: ${JSON.stringify({ orderId: this.orderId, status })}\n\n`);
    }
    if (FINAL.has(status)) this.end();
  }

  end(): void {
    this.stop();
    this.#response.end();
  }

  stop(): void {
    clearInterval(this.#heartbeat);
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > BACKLOG_AT_MOST) this.#response.destroy();
    else this.#response.write(text);
  }
}
