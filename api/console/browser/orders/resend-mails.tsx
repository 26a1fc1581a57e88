/** Has a mail that the customer was sent sent once more. */
import type { OrderView } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';

export function ResendMails({ order, onAsked }: { readonly order: OrderView; readonly onAsked: () => void }) {
  const { orderId, customer, emails } = order;
  const occasions = [...new Set(emails.map(({ occasion }) => occasion))];
  return occasions.map((occasion) => (
    <Confirm
      key={occasion}
      action={`Resend the mail “${occasion}”`}
      impact={
        <p>
          {customer.name} gets the mail “{occasion}” at {customer.email} once more, with what the first one said. It
          cannot be called back. Each time that you ask for it, it is sent once.
        </p>
      }
      onConfirmed={async (reason) => {
        await change(`/operator/orders/${orderId}/mails/${occasion}/resend`, { reason });
        onAsked();
      }}
    />
  ));
}
