/** Takes traces in, OTLP in JSON over HTTP, and looks at them afterwards: it is to take no time from what is measured. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As the protocol has them; only what is looked at. */
interface Export {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly traceId: string }[] }[];
  }[];
}

export class TraceStore {
  readonly #exports: Buffer[] = [];
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.#exports.push(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });

  static async start(): Promise<TraceStore> {
    const store = new TraceStore();
    store.#server.listen(0, '127.0.0.1');
    await once(store.#server, 'listening');
    return store;
  }

  get url(): string {
    // A TCP server that listens has a port.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  spansByTrace(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const body of this.#exports) {
      // The exporter's own serialization; a shape that is not this fails the run.
      const { resourceSpans } = JSON.parse(body.toString()) as Export;
      for (const { traceId } of resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)))
        counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
    }
    return counts;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
