/** What an alert is: something in the fleet that a person has to look at, from when it is bad until it is well again. */

/** In the order in which they are told. */
export const RULES = {
  'no-consumer': { unit: 'consumers', raiseAfterMs: 120_000, resolveAfterMs: 60_000, remedy: 'start that worker' },
  paused: {
    unit: 'seconds',
    raiseAfterMs: 30_000,
    resolveAfterMs: 60_000,
    remedy: 'npx warren queues resume, once its reason is gone',
  },
  lag: {
    unit: 'seconds',
    raiseAfterMs: 30_000,
    resolveAfterMs: 60_000,
    remedy: "see that worker's /readyz and log, and its provider; run more of it",
  },
  outbox: {
    unit: 'seconds',
    raiseAfterMs: 30_000,
    resolveAfterMs: 60_000,
    remedy: 'see whether relay runs and the broker takes messages; run the release step if a queue is missing',
  },
  'dead-letters': {
    unit: 'dead letters',
    raiseAfterMs: 0,
    resolveAfterMs: 60_000,
    remedy: 'npx warren dead-letters groups; mend the cause, then redrive',
  },
  audit: {
    unit: 'violations',
    raiseAfterMs: 0,
    resolveAfterMs: 0,
    remedy: 'npm run audit -- --live names the orders',
  },
  notice: {
    unit: 'things',
    raiseAfterMs: 0,
    resolveAfterMs: 0,
    remedy: 'see what the documentation of that worker says of it',
  },
} as const;

export type Rule = keyof typeof RULES;

/** What a rule says of one subject now. */
export interface Condition {
  readonly rule: Rule;
  /** A worker's queue, the outbox, an invariant. */
  readonly subject: string;
  /** In the unit of the rule. */
  readonly level: number;
  /** `between` is not bad enough to raise an alert, nor well enough to resolve one. */
  readonly state: 'bad' | 'between' | 'well';
  readonly summary: string;
}

/** Kept from round to round, as JSON. Times are milliseconds since 1970, by the database's clock. */
export interface Alert extends Pick<Condition, 'rule' | 'subject' | 'level' | 'summary'> {
  readonly phase: 'pending' | 'raised' | 'resolved';
  /** Since when it is bad. */
  readonly since: number;
  /** Of a raised one: since when it is well. */
  readonly wellSince?: number;
  /** When something was last known of its subject. */
  readonly knownAt: number;
  /** What each receiver was last told of it. */
  readonly told: Readonly<Record<string, Told>>;
}

export interface Told {
  readonly level: number;
  readonly at: number;
}

export const keyOf = ({ rule, subject }: Pick<Condition, 'rule' | 'subject'>): string => `${rule} ${subject}`;
