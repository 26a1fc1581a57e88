/** One order: where it stands and what it waits for, what is known of it, its way on the clock, and all that was said about it. */
import type { Explanation, OrderMessage, OrderView, Page } from '../answers.js';
import { change } from '../ask.js';
import { Confirm } from '../confirm.js';
import { useLive } from '../live.js';
import { linkTo } from '../place.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { useAnswer } from '../use-answer.js';
import { age, moment, money } from '../words.js';
import { OrderFacts } from './order-facts.js';
import { ResendMails } from './resend-mails.js';
import { RetryStep } from './retry-step.js';
import { isAtItsEnd } from './statuses.js';
import { Timeline } from './timeline.js';

export function Order({ id }: { readonly id: string }) {
  const path = `/operator/orders/${encodeURIComponent(id)}`;
  const order = useAnswer<OrderView>(path);
  const explanation = useAnswer<Explanation>(`${path}/explanation`);
  const messages = useAnswer<Page<OrderMessage>>(`${path}/messages`);
  const { status } = useLive();
  const now = Date.parse(status?.at ?? new Date().toISOString());
  const known = order.value;
  return (
    <Screen title={`Order ${known?.reference ?? id}`} error={order.error ?? explanation.error ?? messages.error}>
      {known === undefined ? null : (
        <p>
          <Status status={known.status} /> {money(known.total)}, placed {age(known.placedAt, now)} ago (
          {moment(known.placedAt)})
        </p>
      )}
      {explanation.value === undefined ? null : (
        <Stands explanation={explanation.value} now={now} onRetried={explanation.again} />
      )}
      {known === undefined ? null : (
        <>
          <div class="actions">
            <Confirm
              action="Cancel the order"
              danger
              disabled={isAtItsEnd(known.status) || known.status === 'CANCELLING'}
              impact={
                <p>
                  The order of {known.customer?.name ?? 'somebody'} over {money(known.total)} is cancelled as if its
                  customer wished it: stock is given back, payment voided or refunded, and the customer told by e-mail.
                  Once it is shipped it stays so.
                </p>
              }
              onConfirmed={async (reason) => {
                await change(`${path}/cancel`, { reason });
                order.again();
              }}
            />
            <ResendMails
              order={known}
              onAsked={() => {
                order.again();
                messages.again();
              }}
            />
          </div>
          <OrderFacts order={known} trace={explanation.value?.trace} />
        </>
      )}
      {messages.value === undefined || explanation.value === undefined ? null : (
        <>
          <Timeline messages={messages.value.items} explanation={explanation.value} now={now} />
          <Messages messages={messages.value.items} />
        </>
      )}
    </Screen>
  );
}

interface StandsProps {
  readonly explanation: Explanation;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly onRetried: () => void;
}

function Stands({ explanation, now, onRetried }: StandsProps) {
  const { orderId, stands, waits, done } = explanation;
  const ill = waits.some(({ kind }) => kind !== 'timer' && kind !== 'under-way');
  return (
    <section class={`verdict ${ill ? 'ill' : 'well'}`} aria-labelledby="stands" aria-live="polite">
      <h2 id="stands">{done ? 'At its end' : ill ? 'Something has to be done' : 'On its way'}</h2>
      <p>{stands}</p>
      {waits.length === 0 ? null : (
        <ul>
          {waits.map((wait) => (
            <li key={`${wait.kind} ${wait.actor} ${wait.message?.id}`}>
              <strong>{wait.says}</strong> <span class="quiet">for {age(wait.since, now)}</span>
              <span class="remedy">
                {wait.unblock.says}
                {wait.letter === undefined ? null : (
                  <>
                    {' '}
                    <a href={linkTo(['dead-letters', wait.letter])}>Look at the dead letter</a>
                  </>
                )}
              </span>
              <code class="quiet">{wait.kind}</code>
              <RetryStep orderId={orderId} wait={wait} onRetried={onRetried} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Messages({ messages }: { readonly messages: readonly OrderMessage[] }) {
  return (
    <section aria-labelledby="messages">
      <h2 id="messages">Messages</h2>
      {messages.map((message) => (
        <details key={message.id} class="message">
          <summary>
            <code>{message.type}</code> by {message.producer}, {moment(message.at)}
          </summary>
          <p class="quiet">{aboutMessage(message)}</p>
          <pre>{JSON.stringify(message.payload, null, 2)}</pre>
        </details>
      ))}
    </section>
  );
}

function aboutMessage({ id, version, causationId, boundTo, handledBy }: OrderMessage): string {
  const cause = causationId === null ? 'follows from nothing' : `follows from ${causationId}`;
  const handled = handledBy.join(', ') || 'nobody yet';
  return `Id ${id}, version ${version}; ${cause}; goes to ${boundTo.join(', ') || 'nobody'}; handled by ${handled}.`;
}
