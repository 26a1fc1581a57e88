/** A TCP proxy in front of a server, for taking the server away and giving it back, and for speaking in its place. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export class CuttableProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Set<Socket>();
  #cut = false;

  private constructor(target: URL, defaultPort: number) {
    this.#server = createServer((inbound) => {
      if (this.#cut) {
        inbound.resetAndDestroy();
        return;
      }
      this.#clients.add(inbound);
      const outbound = connect(Number(target.port || defaultPort), target.hostname);
      for (const socket of [inbound, outbound]) {
        this.#sockets.add(socket);
        socket.setNoDelay();
        socket
          .on('error', () => undefined)
          .once('close', () => {
            this.#sockets.delete(socket);
            this.#clients.delete(inbound);
            inbound.destroy();
            outbound.destroy();
          });
      }
      inbound.pipe(outbound).pipe(inbound);
    });
  }

  /** Listens on a free port of loopback. */
  static async start(target: string, defaultPort: number): Promise<CuttableProxy> {
    const proxy = new CuttableProxy(new URL(target), defaultPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The URL with this proxy in the place of its host. */
  inFrontOf(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    // A listening TCP server's address is an AddressInfo.
    through.port = String((this.#server.address() as AddressInfo).port);
    return through.href;
  }

  /** Resets every connection, and refuses new ones until `mend`. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#cut = false;
  }

  /** Sends this to every client as if the server had; nothing else may be on its way to them. */
  say(bytes: Uint8Array): void {
    for (const client of this.#clients) client.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
