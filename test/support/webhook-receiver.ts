/** A storefront's endpoint: a real HTTP server that keeps what it was sent, byte for byte, and answers by path. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

export interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When, in milliseconds. */
  readonly at: number;
}

type Answering = (response: ServerResponse, received: Received) => void;

export class WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: Received[] = [];
  /** Connections that were opened to it. */
  connections = 0;
  readonly #answers = new Map<string, Answering>();
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#close = close;
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const received = {
        path: request.url ?? '',
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString(),
        at: Date.now(),
      };
      receiver.received.push(received);
      const answer = receiver.#answers.get(received.path);
      if (answer === undefined) response.writeHead(204).end();
      else answer(response, received);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A TCP server that listens has a port.
    const receiver = new WebhookReceiver((server.address() as AddressInfo).port, async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    });
    server.on('connection', () => {
      receiver.connections += 1;
    });
    return receiver;
  }

  /** From now on this path answers so; 204 without one. */
  answer(path: string, answer: Answering | number): void {
    this.#answers.set(path, typeof answer === 'number' ? (response) => response.writeHead(answer).end() : answer);
  }

  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** What the path has got, once it is so many. */
  got(path: string, count: number, withinMs?: number): Promise<Received[]> {
    return until(`${path} got ${count}`, () => this.at(path).length >= count && this.at(path), withinMs);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
