/**
 * `POST /operator/orders/{id}/mails/{occasion}/resend`: a mail that was sent is sent once more for each wish. Who got no answer gives
 * the `resendId` of that wish again, and it stays one wish.
 * What the mail is about comes from the event log, so that it says what the first one said.
 */
import { newId } from '../../../shared/messaging/message-id.js';
import Type from '../../../shared/messaging/typebox.js';
import { Uuid } from '../../../shared/messaging/vocabulary.js';
import { OCCASIONS } from '../../../workers/email/messages.js';
import { orderIdOf } from '../../orders/order-id.js';
import { passOn } from '../../orders/wish.js';
import { aboutOrder } from '../../request-spans.js';
import type { App } from '../../type-provider.js';
import { recordAction } from '../actions.js';
import { operatorOf } from '../authentication.js';
import { Reason } from '../change.js';
import type { Operating } from '../operating.js';
import { type MailWish, messageFor } from './mail-wish.js';

export interface ResendAccepted extends MailWish {
  readonly message: string;
}

const Params = Type.Object({ id: Type.String(), occasion: Type.Enum(OCCASIONS) });
const Body = Type.Object({ reason: Reason, resendId: Type.Optional(Uuid) }, { additionalProperties: false });

export function resendMailRoute(app: App, operating: Operating): void {
  app.post(
    '/operator/orders/:id/mails/:occasion/resend',
    { schema: { params: Params, body: Body } },
    async (request, reply): Promise<ResendAccepted> => {
      const orderId = orderIdOf(request.params);
      const { occasion } = request.params;
      const { reason, resendId = newId() } = request.body;
      const operator = operatorOf(request);
      await passOn(operating, async (transaction) => {
        const message = await messageFor(transaction, { orderId, occasion, resendId });
        const madeIn = aboutOrder(request, orderId);
        if (message === undefined) return { messages: [], madeIn };
        await recordAction(transaction, operator, {
          action: 'resend-mail',
          thing: 'order',
          thingId: orderId,
          reason,
          details: { occasion, resendId },
        });
        return { messages: [message], madeIn };
      });
      reply.code(202);
      return { orderId, occasion, resendId, message: `The mail "${occasion}" is sent again.` };
    },
  );
}
