/** What an invariant is to the auditor: a promise about the whole fleet, as checks that name whoever breaks it. */
import type { Dossier } from './dossier.js';
import type { Evidence } from './evidence.js';

/** Somebody for whom the invariant does not hold: an order, or another thing where it is about no order. */
export interface Violation {
  /** Undefined: about no order that we know of. */
  readonly orderId?: string;
  /** The thing that is at fault where it is no order: a SKU, a queue, a connection. */
  readonly subject?: string;
  readonly what: string;
}

/** What a check came to. */
export interface Found {
  /** Things it looked at. With 0 it proves nothing, and the report says so. */
  readonly checked: number;
  readonly violations: readonly Violation[];
  /** What is allowed and yet worth telling, such as a mail that came twice under one Message-ID. */
  readonly remarks?: readonly string[];
}

/**
 * When a check holds:
 * - `always`: at any moment, under load too.
 * - `once-settled`: of an order that is at its end, with everything about it handled.
 * - `when-quiet`: only when nothing is under way in the whole fleet.
 */
export type Holds = 'always' | 'once-settled' | 'when-quiet';

interface AboutCheck {
  /** What is checked, in a few words. */
  readonly what: string;
  readonly holds: Holds;
}

/** Looks at the fleet as a whole. */
export interface FleetCheck extends AboutCheck {
  /** @throws {NoEvidence} */
  find(evidence: Evidence): Promise<Found>;
}

/**
 * The faults of one order; undefined when the order has nothing that could be at fault.
 * @throws {NoEvidence} `unreached` when this order cannot be looked into
 */
export type Judge = (order: Dossier) => readonly string[] | undefined;

/** Looks at one order at a time, and is pure once it has its sources. */
export interface OrderCheck extends AboutCheck {
  /** @throws {NoEvidence} */
  judge(evidence: Evidence): Promise<Judge>;
}

export type Check = FleetCheck | OrderCheck;

export interface Invariant {
  readonly number: number;
  readonly title: string;
  readonly checks: readonly Check[];
}
