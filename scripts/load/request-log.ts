/** Writes what became of each request for an order, a line each, for the auditor to hold against what was stored. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { LoggedRequest } from '../../audit/sources/request-log.js';
import type { Answer } from './answer.js';
import { LoadFault } from './load-fault.js';

export class RequestLog {
  readonly #file: WriteStream;
  #fault: Error | undefined;

  /** @param path of a file that is begun anew */
  constructor(path: string) {
    this.#file = createWriteStream(path);
    this.#file.on('error', (error) => {
      this.#fault = error;
    });
  }

  note(request: LoggedRequest): void {
    this.#file.write(`${JSON.stringify(request)}\n`);
  }

  /** Resolves when all is written. @throws {LoadFault} when it could not be */
  async close(): Promise<void> {
    this.#file.end();
    if (this.#fault === undefined) await finished(this.#file).catch(() => undefined);
    if (this.#fault !== undefined)
      throw new LoadFault(`the log of the requests cannot be written: ${this.#fault.message}`);
  }
}

/** Pure. Being asked to come again later is a refusal too: this request stored nothing. */
export function loggedRequest(
  idempotencyKey: string,
  answer: Answer<{ readonly orderId: string }>,
  sentAt: Date,
): LoggedRequest {
  const request = { at: sentAt.toISOString(), idempotencyKey };
  if (answer.kind === 'accepted') return { ...request, kind: 'ok', orderId: answer.body.orderId };
  return { ...request, kind: answer.kind === 'unknown' ? 'unknown' : 'refused', reason: answer.reason };
}
