/** A message that is to be published later, unless it is taken back before. */
import type { Contract, Payload } from './contract.js';
import type { Message } from './message.js';

/** It gets its id, and the time it occurred, when it is published. There is one of a type for an order at most. */
export interface Timer extends Omit<Message, 'id' | 'occurredAt'> {
  /** From the commit to when it is due, in milliseconds by the database's clock. */
  readonly afterMs: number;
}

/** Which timer: the order's, of this type. */
export interface TimerKey {
  readonly correlationId: string;
  readonly type: string;
}

const YEAR_MS = 366 * 24 * 3_600_000;

/**
 * A timer from the moment that its transaction commits.
 * @throws {InvalidMessage} when the payload does not fit the contract
 * @throws {RangeError} when `afterMs` is negative, no number, or more than a year
 */
export function newTimer<C extends Contract>(
  contract: C,
  payload: Payload<C>,
  { afterMs, ...from }: Pick<Timer, 'correlationId' | 'causationId' | 'producer' | 'afterMs'>,
): Timer {
  if (!(afterMs >= 0 && afterMs <= YEAR_MS))
    throw new RangeError(`${contract.name} is scheduled after ${afterMs} ms; give it 0 to ${YEAR_MS} (a year)`);
  return {
    type: contract.name,
    version: contract.version,
    ...from,
    body: JSON.stringify(contract.parse(payload)),
    afterMs,
  };
}
