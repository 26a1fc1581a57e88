/** Environment variables of several processes that not all of them read, and those that every actor has. */
import { oneOf, wholeNumber } from './variable.js';

/** Read by the intake, which sets the timer, and by orders, whose own deadline follows it. */
export const paymentDeadlineS = wholeNumber(
  {
    names: ['PAYMENT_DEADLINE_S'],
    fallback: '1800',
    meaning: 'an order whose payment is not authorized so long after it was placed is cancelled, in seconds',
  },
  1,
  7 * 24 * 3600,
);

/** Read by web, which saves endpoints, and by webhooks, which calls them. */
export const webhooksAllowInside = oneOf(
  {
    names: ['WEBHOOKS_ALLOW_INSIDE'],
    fallback: '0',
    developmentOnly: '1',
    meaning:
      '1 lets webhooks go over http and to addresses that are not public, for development; refused in production',
  },
  ['0', '1'],
);

/** The variables `<ACTOR>_PREFETCH` and `<ACTOR>_CONCURRENCY`, with what the actor declares as their defaults. */
export function actorVariables(actor: string, declared: { readonly prefetch: number; readonly concurrency: number }) {
  const prefix = actor.toUpperCase().replaceAll('-', '_');
  return {
    prefetch: wholeNumber(
      {
        names: [`${prefix}_PREFETCH`],
        fallback: String(declared.prefetch),
        meaning: 'unacked deliveries a process holds at most',
      },
      1,
      65_535,
    ),
    concurrency: wholeNumber(
      {
        names: [`${prefix}_CONCURRENCY`],
        fallback: String(declared.concurrency),
        meaning: 'effects under way at once in a process',
      },
      1,
      65_535,
    ),
  };
}
