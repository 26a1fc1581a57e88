/** Reads a stream of server-sent events. */
import { until } from './until.js';

export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export class ServerSentEvents {
  /** All that came. */
  readonly all: ServerSentEvent[] = [];
  #taken = 0;
  #over = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    if (response.body === null) throw new TypeError('the answer has no body');
    this.#reader = response.body.getReader();
    void this.#read();
  }

  /** The next event of that name; those before it are passed over. */
  next(event: string): Promise<ServerSentEvent> {
    return until(`there is an event ${event}`, () => {
      while (this.#taken < this.all.length) {
        const taken = this.all[this.#taken++];
        if (taken?.event === event) return taken;
      }
      return undefined;
    });
  }

  /** Waits until the other side has ended it. */
  async ended(): Promise<void> {
    await until('the stream has ended', () => this.#over);
  }

  /** Hangs up. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) if (!block.startsWith(':')) this.all.push(parsed(block));
      }
    } catch {
      // A reset ends a stream as well as anything.
    }
    this.#over = true;
  }
}

function parsed(block: string): ServerSentEvent {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
  );
  return {
    id: fields.get('id'),
    event: fields.get('event') ?? 'message',
    data: JSON.parse(fields.get('data') ?? '{}'),
  };
}
