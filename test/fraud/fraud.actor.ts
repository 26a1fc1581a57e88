/**
 * A worker as a user would add it. It stands as deep as one in `workers/`, so that its compiled folder can be put there and
 * nothing else be touched.
 */
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { integer, keyedState, type State, type Value } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { OrderPlaced } from '../../workers/orders/messages.js';
import { OrderScored } from './messages.js';

const Scores = keyedState('fraud_scores', { key: { column: 'order_id', type: 'uuid' }, columns: { score: integer() } });
type Score = Value<typeof Scores>;

/** Looks at every order once. */
@Actor({ name: 'fraud', state: Scores })
export class FraudActor {
  @Decide(OrderPlaced)
  score({ orderId, total }: OrderPlaced, state: State<Score>, { publish }: Outgoing): void {
    const score = Math.min(100, Math.floor(total.amount / 1000));
    state.set({ score });
    publish(OrderScored, { orderId, score });
  }
}
