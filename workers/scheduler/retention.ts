/** How long what only grows is kept. */
export interface Retention {
  readonly eventLogDays: number;
  readonly inboxDays: number;
}
/** The token under which it is registered. */
export const Retention = Symbol('Retention');
