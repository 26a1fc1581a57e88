/** An answer that goes on: server-sent events to one reader, who is let go when it does not keep up. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { eventStreamsOpen } from './metrics.js';
import { onceOver } from './once-over.js';

/** Keeps proxies from closing a silent stream. */
const HEARTBEAT_MS = 15_000;
/** A reader who is this far behind is let go, in bytes. */
const BACKLOG_AT_MOST = 1024 * 1024;

export interface SentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

export class ServerSentStream {
  readonly #reply: FastifyReply;
  readonly #response: ServerResponse;

  /** @param reply is hijacked */
  constructor(reply: FastifyReply) {
    const response = reply.raw;
    this.#reply = reply;
    this.#response = response;
    eventStreamsOpen.inc();
    response.on('error', () => undefined);
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // Kept alive, it would hold up a process that is stopping.
      connection: 'close',
    });
    response.flushHeaders();
    const heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS).unref();
    this.onceOver(() => {
      clearInterval(heartbeat);
      eventStreamsOpen.dec();
    });
  }

  /** Calls `work` when nobody reads any more, whoever ended it; at once, if its reader has hung up before. */
  onceOver(work: () => void): void {
    onceOver(this.#reply, work);
  }

  send({ id, event, data }: SentEvent): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > BACKLOG_AT_MOST) this.#response.destroy();
    else this.#response.write(text);
  }
}
