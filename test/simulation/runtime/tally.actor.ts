/** Counts what it is told of each order. It does not stand a repetition: only the inbox keeps its count right. */
import { Actor, Decide } from '../../../shared/actors/decorators.js';
import { PermanentError, TransientError } from '../../../shared/actors/errors.js';
import { bigint, keyedState, ledger, type State, text, uuid, type Value } from '../../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../../shared/actors/outgoing.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced } from '../../../workers/orders/messages.js';
import { OrderShipped } from '../../../workers/shipping/messages.js';

export const Tallies = keyedState('tallies', {
  key: { column: 'order_id', type: 'uuid' },
  columns: { count: bigint() },
});
const TallyMarks = ledger('tally_marks', { orderId: uuid(), type: text() });

/** What it makes of a message: counts it, or fails, for now or for ever, or takes its process along. */
export type Temper = (
  orderId: string,
  type: string,
  attempt: number,
) => 'count' | 'fail-now' | 'fail-for-ever' | 'kill';

@Actor({ name: 'tally', state: Tallies, prefetch: 50 })
export class TallyActor {
  constructor(
    private readonly temper: Temper,
    private readonly kill: () => void,
  ) {}

  @Decide(OrderPlaced)
  @Decide(OrderConfirmed)
  @Decide(OrderShipped)
  @Decide(OrderCancelled)
  count(_told: { readonly orderId: string }, tally: State<Value<typeof Tallies>>, { append, message }: Outgoing): void {
    const { type, attempt } = message;
    const temper = this.temper(tally.key, type, attempt);
    if (temper === 'kill') this.kill();
    if (temper === 'fail-now') throw new TransientError('tally.not-now', 'it is not in the mood');
    if (temper === 'fail-for-ever') throw new PermanentError('tally.never', 'it will never do that');
    tally.set({ count: (tally.value?.count ?? 0) + 1 });
    append(TallyMarks, { orderId: tally.key, type });
  }
}
