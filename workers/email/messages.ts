/** What email obeys. */
import Type from 'typebox';
import { command, type Payload } from '../../shared/messaging/contract.js';
import { OrderId, Uuid } from '../../shared/messaging/vocabulary.js';
import { OrderCancelled, OrderConfirmed } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';

const resend = { orderId: OrderId, resendId: Uuid };

/**
 * Send a mail once more that was sent before, because somebody asked for it. It says what the first one said, so it carries what that
 * was about; `resendId` tells one wish from the next. Version 2 seals its customer.
 */
export const ResendMail = command(
  'email.resend-mail',
  2,
  Type.Union([
    Type.Object({ ...resend, occasion: Type.Literal('confirmed'), about: OrderConfirmed.schema }),
    Type.Object({ ...resend, occasion: Type.Literal('shipped'), about: OrderShipped.schema }),
    Type.Object({ ...resend, occasion: Type.Literal('cancelled'), about: OrderCancelled.schema }),
  ]),
  { 1: (wish) => wish },
);
export type ResendMail = Payload<typeof ResendMail>;
