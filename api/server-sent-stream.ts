/** An answer that goes on: server-sent events to one reader, who is let go when it does not keep up. */
import type { ServerResponse } from 'node:http';
import { eventStreamsOpen } from './metrics.js';

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
  readonly #response: ServerResponse;
  readonly #heartbeat: NodeJS.Timeout;

  /** @param response of a reply that is hijacked @param onClose once it is over, whoever ended it */
  constructor(response: ServerResponse, onClose: () => void) {
    this.#response = response;
    eventStreamsOpen.inc();
    response.on('error', () => undefined);
    response.once('close', () => {
      clearInterval(this.#heartbeat);
      eventStreamsOpen.dec();
      onClose();
    });
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

  send({ id, event, data }: SentEvent): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded) return;
    if (this.#response.writableLength > BACKLOG_AT_MOST) this.#response.destroy();
    else this.#response.write(text);
  }
}
