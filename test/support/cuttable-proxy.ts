/** A TCP proxy in front of a server, for taking the server away and giving it back, and for speaking in its place. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A client's connection and ours to the server on its behalf. */
interface Pair {
  readonly inbound: Socket;
  readonly outbound: Socket;
}

export class CuttableProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #defaultPort: number;
  readonly #pairs = new Set<Pair>();
  /** Clients that came while nothing passes. */
  readonly #waiting = new Set<Socket>();
  #cut = false;
  #silent = false;

  private constructor(target: URL, defaultPort: number) {
    this.#target = target;
    this.#defaultPort = defaultPort;
    this.#server = createServer({ pauseOnConnect: true }, (inbound) => {
      inbound.on('error', () => undefined);
      if (this.#cut) inbound.resetAndDestroy();
      else if (this.#silent) this.#waiting.add(inbound);
      else this.#join(inbound);
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
    for (const { inbound, outbound } of this.#pairs) for (const socket of [inbound, outbound]) socket.resetAndDestroy();
    for (const inbound of this.#waiting) inbound.resetAndDestroy();
    this.#waiting.clear();
  }

  /**
   * A cable that is pulled: nothing passes any more, in neither direction, and neither side hears that the other one has
   * closed. Whoever connects is met with silence. What was on its way arrives after `mend`.
   */
  silence(): void {
    this.#silent = true;
    for (const { inbound, outbound } of this.#pairs) {
      inbound.unpipe(outbound);
      outbound.unpipe(inbound);
    }
  }

  mend(): void {
    this.#cut = false;
    if (!this.#silent) return;
    this.#silent = false;
    for (const { inbound, outbound } of this.#pairs) inbound.pipe(outbound).pipe(inbound);
    for (const inbound of this.#waiting) this.#join(inbound);
    this.#waiting.clear();
  }

  /** Sends this to every client as if the server had; nothing else may be on its way to them. */
  say(bytes: Uint8Array): void {
    for (const { inbound } of this.#pairs) inbound.write(bytes);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(inbound: Socket): void {
    const outbound = connect(Number(this.#target.port || this.#defaultPort), this.#target.hostname);
    const pair = { inbound, outbound };
    this.#pairs.add(pair);
    for (const socket of [inbound, outbound]) {
      socket.setNoDelay();
      socket
        .on('error', () => undefined)
        .once('close', () => {
          this.#pairs.delete(pair);
          inbound.destroy();
          outbound.destroy();
        });
    }
    inbound.pipe(outbound).pipe(inbound);
  }
}
