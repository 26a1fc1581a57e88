/** The log of a load run, as `npm run load -- --log FILE` writes it: a line a request for an order. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import Type, { Compile, type Static } from '../../shared/messaging/typebox.js';
import { NoEvidence } from '../no-evidence.js';

/**
 * - `ok`: 202. - `refused`: definitely not stored by this request. - `unknown`: timeout, reset, 5xx: it may have been.
 */
export const LoggedRequest = Type.Object({
  /** ISO 8601, when it was sent. */
  at: Type.String(),
  kind: Type.Union([Type.Literal('ok'), Type.Literal('refused'), Type.Literal('unknown')]),
  idempotencyKey: Type.String(),
  /** Of an `ok`. */
  orderId: Type.Optional(Type.String()),
  /** Code of the problem or the network's error. */
  reason: Type.Optional(Type.String()),
});
export type LoggedRequest = Static<typeof LoggedRequest>;

const Line = Compile(LoggedRequest);

/** @throws {NoEvidence} naming the file, and the line that is none of a load run's */
export async function requestsIn(path: string): Promise<LoggedRequest[]> {
  const requests: LoggedRequest[] = [];
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line !== '') requests.push(Line.Parse(JSON.parse(line)));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoEvidence(
      'unreached',
      `${path}, line ${requests.length + 1}: ${why}; give the file that npm run load -- --log FILE wrote`,
    );
  }
  return requests;
}
