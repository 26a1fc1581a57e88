/**
 * One caller of the intake on a connection of its own, with no more of HTTP than that takes: thousands of them must cost less
 * than what they measure.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { BenchOrder } from './workload.js';

export interface Reply {
  readonly status: number;
  /** Of Retry-After. */
  readonly afterMs: number;
}

export class Caller {
  readonly #host: string;
  readonly #port: number;
  readonly #head: string;
  #socket: Socket | undefined;
  #received = '';
  #settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;

  constructor({ url, key }: { readonly url: string; readonly key: string }) {
    const { hostname, port, host } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
    this.#head = `POST /orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n`;
  }

  async connect(): Promise<void> {
    this.#socket ??= await this.#open();
  }

  /** @throws {Error} when the connection ends without an answer */
  async place({ request, idempotencyKey }: BenchOrder): Promise<Reply> {
    this.#socket ??= await this.#open();
    const socket = this.#socket;
    const body = JSON.stringify(request);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      socket.write(
        `${this.#head}idempotency-key: ${idempotencyKey}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  async #open(): Promise<Socket> {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setEncoding('latin1').on('data', (text: unknown) => this.#read(String(text)));
    socket
      .on('error', () => undefined)
      .once('close', () => {
        this.#socket = undefined;
        this.#settle?.reject(new Error('the connection ended without an answer'));
      });
    await once(socket, 'connect');
    return socket;
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.slice(0, end);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    this.#received = '';
    const status = Number(head.slice(9, 12));
    const afterMs = Number(/^retry-after: (\d+)$/im.exec(head)?.[1] ?? 0) * 1000;
    this.#settle?.resolve({ status, afterMs });
    this.#settle = undefined;
  }
}
