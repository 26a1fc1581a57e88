/** A real HTTP server that answers by a script and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** Method and path with its query. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

/** A status and a JSON body, or whatever is done with the response. */
export type Script =
  | readonly [status: number, body?: unknown, headers?: Record<string, string>]
  | ((response: ServerResponse) => void);

export interface ScriptedHttp {
  readonly url: string;
  /** Oldest first. */
  readonly asked: readonly Asked[];
  /** Answers to come, in order; without one, a request gets 501. */
  answer(...scripts: readonly Script[]): void;
  close(): Promise<void>;
}

export async function startScriptedHttp(): Promise<ScriptedHttp> {
  const asked: Asked[] = [];
  const scripts: Script[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    asked.push({
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    });
    const script = scripts.shift() ?? [501];
    if (typeof script === 'function') return script(response);
    const [status, body, headers] = script;
    response.writeHead(status, headers);
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A TCP server that listens has a port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (...more) => void scripts.push(...more),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What the promise was rejected with. @throws when it was not */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`it did not fail, but gave ${JSON.stringify(value)}`);
}
