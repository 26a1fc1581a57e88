/** Has a mail that the customer was sent sent once more. */
import { useState } from 'preact/hooks';
import type { OrderView } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';

/** Of these the mail “confirmed” promises what does not come. */
const NOT_COMING: readonly string[] = ['CANCELLING', 'CANCELLED'];

interface Props {
  readonly order: OrderView;
  readonly onAsked: () => void;
}

export function ResendMails({ order, onAsked }: Props) {
  const { status, emails } = order;
  // Nobody knows any more where to.
  if (order.customer === null) return null;
  const occasions = [...new Set(emails.map(({ occasion }) => occasion))];
  return occasions
    .filter((occasion) => occasion !== 'confirmed' || !NOT_COMING.includes(status))
    .map((occasion) => <ResendMail key={occasion} order={order} occasion={occasion} onAsked={onAsked} />);
}

function ResendMail({ order, occasion, onAsked }: Props & { readonly occasion: string }) {
  const { orderId, customer } = order;
  // One for each opening of the dialog: whoever confirms again there because the answer was lost has the mail sent once.
  const [resendId, setResendId] = useState('');
  return (
    <Confirm
      action={`Resend the mail “${occasion}”`}
      impact={
        <p>
          {customer?.name} gets the mail “{occasion}” at {customer?.email} once more, with what the first one said. It
          cannot be called back. Each time that you ask for it, it is sent once; if the worker dies while it is sent, a
          copy may follow.
        </p>
      }
      onAsked={() => setResendId(crypto.randomUUID())}
      onConfirmed={async (reason) => {
        await change(`/operator/orders/${orderId}/mails/${occasion}/resend`, { reason, resendId });
        onAsked();
      }}
    />
  );
}
