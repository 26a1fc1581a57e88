/**
 * What stands in front of the processes of web, as a platform has it: a request goes to one of them, over a connection of its
 * own. A process that is being stopped, or takes no connection, is passed over.
 */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Not to be kept: a process that stops closes what is idle, and a request may be on its way into it. */
const connections = new Agent({ keepAlive: false });

/** A process that answers requests. */
export interface Backend {
  readonly url: string;
  /** A platform sends nothing more to a process that it has told to stop. */
  readonly isLeaving: boolean;
}

export class Router {
  readonly #server: Server;
  readonly #backends: readonly Backend[];
  #next = 0;

  private constructor(backends: readonly Backend[]) {
    this.#backends = backends;
    this.#server = createServer((incoming, outgoing) => void this.#route(incoming, outgoing));
  }

  /** Listens on a free port of loopback. */
  static async start(backends: readonly Backend[]): Promise<Router> {
    const router = new Router(backends);
    await new Promise<void>((resolve) => router.#server.listen(0, '127.0.0.1', resolve));
    return router;
  }

  get url(): string {
    // A listening TCP server's address is an AddressInfo.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #route(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const part of incoming) body.push(part);
    const first = this.#next++;
    for (const [at] of this.#backends.entries()) {
      const backend = this.#backends[(first + at) % this.#backends.length];
      if (backend === undefined || backend.isLeaving) continue;
      const outcome = await forward(new URL(backend.url), incoming, Buffer.concat(body), outgoing);
      if (outcome === 'answered') return;
      // What may have been carried out is not for a router to repeat.
      if (outcome === 'broken') return void outgoing.writeHead(502).end();
    }
    outgoing.writeHead(503, { 'retry-after': '1' }).end();
  }
}

type Outcome = 'answered' | 'not-taken' | 'broken';

function forward(
  backend: URL,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const { hostname, port } = backend;
    const sent = request({
      agent: connections,
      hostname,
      port,
      ...(method === undefined ? {} : { method }),
      ...(url === undefined ? {} : { path: url }),
      headers: { ...headers, connection: 'close' },
    });
    // The caller has given up: so does the router.
    outgoing.once('close', () => sent.destroy());
    sent.once('response', (answer) => {
      const { connection: _, 'keep-alive': __, ...passedOn } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, passedOn);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
      resolve('answered');
    });
    sent.on('error', (error) => {
      resolve('code' in error && error.code === 'ECONNREFUSED' ? 'not-taken' : 'broken');
    });
    sent.end(body);
  });
}
