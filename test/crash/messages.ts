/** What the fixture worker obeys. */
import { command, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { OrderId } from '../../shared/messaging/vocabulary.js';

const body = Type.Object({
  orderId: OrderId,
  how: Type.Union([Type.Literal('well'), Type.Literal('slowly'), Type.Literal('killing')]),
});

/** To be handled by a decision. */
export const Decide = command('crash.decide', 1, body);
export type Decide = Payload<typeof Decide>;
/** To be handled by an effect. */
export const Perform = command('crash.perform', 1, body);
export type Perform = Payload<typeof Perform>;
