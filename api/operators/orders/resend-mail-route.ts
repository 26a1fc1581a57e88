/**
 * `POST /operator/orders/{id}/mails/{occasion}/resend`: a mail that was sent is sent once more, however often that is asked for.
 * What it is about comes from the event log, so that it says what the first one said.
 */
import Type, { type Static } from 'typebox';
import type { Contract } from '../../../shared/messaging/contract.js';
import { type Message, newMessage } from '../../../shared/messaging/message.js';
import { newId } from '../../../shared/messaging/message-id.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import { ResendMail } from '../../../workers/email/messages.js';
import { OrderCancelled, OrderConfirmed } from '../../../workers/orders/messages.js';
import { OrderShipped } from '../../../workers/shipping/messages.js';
import { leastMessageId, orderIdOf, orderNotFound } from '../../orders/order-id.js';
import { passOn } from '../../orders/wish.js';
import { Problem } from '../../problem.js';
import { aboutOrder } from '../../request-spans.js';
import type { App } from '../../type-provider.js';
import { recordAction } from '../actions.js';
import { operatorOf } from '../authentication.js';
import { ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';

const Occasion = Type.Enum(['confirmed', 'shipped', 'cancelled']);
type Occasion = Static<typeof Occasion>;

/** What customers are written to about. */
const ABOUT = { confirmed: OrderConfirmed, shipped: OrderShipped, cancelled: OrderCancelled } satisfies Record<
  Occasion,
  Contract
>;

export interface Resend {
  readonly orderId: string;
  readonly occasion: Occasion;
  readonly resendId: string;
  readonly message: string;
}

export function resendMailRoute(app: App, operating: Operating): void {
  app.post(
    '/operator/orders/:id/mails/:occasion/resend',
    { schema: { params: Type.Object({ id: Type.String(), occasion: Occasion }), body: ReasonBody } },
    async (request, reply): Promise<Resend> => {
      const orderId = orderIdOf(request.params);
      const { occasion } = request.params;
      const operator = operatorOf(request);
      const resendId = newId();
      await passOn(operating, async (transaction) => {
        const message = await wishOf(transaction, { orderId, occasion, resendId });
        await recordAction(transaction, operator, {
          action: 'resend-mail',
          thing: 'order',
          thingId: orderId,
          reason: request.body.reason,
          details: { occasion, resendId },
        });
        return { messages: [message], madeIn: aboutOrder(request, orderId) };
      });
      reply.code(202);
      return { orderId, occasion, resendId, message: `The mail "${occasion}" is sent again.` };
    },
  );
}

interface Wish {
  readonly orderId: string;
  readonly occasion: Occasion;
  readonly resendId: string;
}

/** @throws {Problem} `order.not-found`, `mail.not-sent`, `mail.not-kept` */
async function wishOf(transaction: Transaction, { orderId, occasion, resendId }: Wish): Promise<Message> {
  const about = await sentAbout(transaction, orderId, occasion);
  const from = { correlationId: orderId, causationId: null, producer: 'web', occurredAt: new Date() };
  const wish = { orderId, resendId };
  switch (occasion) {
    case 'confirmed':
      return newMessage(
        ResendMail,
        { ...wish, occasion, about: OrderConfirmed.parse(about.payload, about.version) },
        from,
      );
    case 'shipped':
      return newMessage(
        ResendMail,
        { ...wish, occasion, about: OrderShipped.parse(about.payload, about.version) },
        from,
      );
    case 'cancelled':
      return newMessage(
        ResendMail,
        { ...wish, occasion, about: OrderCancelled.parse(about.payload, about.version) },
        from,
      );
  }
}

async function sentAbout(
  transaction: Transaction,
  orderId: string,
  occasion: Occasion,
): Promise<{ readonly payload: unknown; readonly version: number }> {
  const { rows } = await transaction.query<{ sent: boolean; payload: unknown; version: number | null }>({
    text: `select exists (select from emails where id = $1::text || ':' || $2) as sent, log.payload, log.version
           from orders left join lateral (
             select payload, version from event_log
             where correlation_id = orders.id and type = $3 and id >= $4 order by id limit 1
           ) as log on true
           where orders.id = $1::uuid`,
    values: [orderId, occasion, ABOUT[occasion].name, leastMessageId([orderId])],
  });
  const [row] = rows;
  if (row === undefined) throw orderNotFound();
  if (!row.sent) {
    throw new Problem(
      'mail.not-sent',
      `The mail "${occasion}" of this order was never sent. If it should have been, the explanation of the order tells what it waits for.`,
    );
  }
  const { payload, version } = row;
  if (version === null) {
    throw new Problem(
      'mail.not-kept',
      `What the mail "${occasion}" was about is no longer in the event log; write to the customer yourself.`,
    );
  }
  return { payload, version };
}
