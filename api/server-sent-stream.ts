/** An answer that goes on: server-sent events to one reader, who is let go when it does not keep up. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { eventStreamsOpen } from './metrics.js';
import { whenNobodyWaits } from './when-nobody-waits.js';

/** Keeps proxies from closing a silent stream. */
const HEARTBEAT_MS = 15_000;
/** A reader who has so much yet to read needs no more at present, in bytes. */
const BEHIND_FROM = 64 * 1024;
/** A reader who is this far behind is let go, in bytes. */
const BACKLOG_AT_MOST = 1024 * 1024;
/** As much as the readers of a process have yet to read at most, in bytes; beyond, whoever is behind is let go. */
const BACKLOGS_AT_MOST = 64 * 1024 * 1024;

/** What all readers have yet to read, in bytes. */
let backlogs = 0;

export interface SentEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

export class ServerSentStream {
  readonly #reply: FastifyReply;
  readonly #response: ServerResponse;
  /** Bytes that neither the reader nor the system has taken yet. */
  #backlog = 0;
  #unreadLately = false;
  #over = false;

  /**
   * @param reply is hijacked
   * @param heartbeatMs a comment is sent so often, in milliseconds; who is behind for two of them on end is let go. @default 15_000
   */
  constructor(reply: FastifyReply, heartbeatMs = HEARTBEAT_MS) {
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
    const heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    this.whenNobodyWaits(() => {
      clearInterval(heartbeat);
      eventStreamsOpen.dec();
      backlogs -= this.#backlog;
      this.#over = true;
    });
  }

  /** Has so much yet to read that it is better not to be sent more. */
  get behind(): boolean {
    return this.#backlog >= BEHIND_FROM;
  }

  /** Calls `work` when nobody reads any more, whoever ended it; at once, if its reader has hung up before. */
  whenNobodyWaits(work: () => void): void {
    whenNobodyWaits(this.#reply, work);
  }

  send({ id, event, data }: SentEvent): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  #beat(): void {
    // One that was ended is over once all of it is read.
    const unread = this.behind || this.#response.writableEnded;
    if (unread && this.#unreadLately) this.#response.destroy();
    this.#unreadLately = unread;
    this.#write(': still here\n\n');
  }

  #write(text: string): void {
    if (this.#over || this.#response.writableEnded) return;
    if (this.#backlog > BACKLOG_AT_MOST || (this.behind && backlogs > BACKLOGS_AT_MOST)) {
      this.#response.destroy();
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.#backlog += bytes;
    backlogs += bytes;
    this.#response.write(text, () => {
      if (this.#over) return;
      this.#backlog -= bytes;
      backlogs -= bytes;
    });
  }
}
