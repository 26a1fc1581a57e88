/** What is known of an order: who ordered what, and how far payment, stock, parcel and mails are. */
import type { ComponentChild } from 'preact';
import type { Explanation, OrderView } from '../answers.js';
import { Table } from '../table.js';
import { moment, money } from '../words.js';

interface Props {
  readonly order: OrderView;
  /** Undefined until it is known. */
  readonly trace: Explanation['trace'] | undefined;
}

export function OrderFacts({ order, trace }: Props) {
  const {
    orderId,
    reference,
    customer,
    shippingAddress: to,
    lines,
    payment,
    reservation,
    shipment,
    emails,
    cancelReason,
    personsErasedAt,
  } = order;
  const erased = `erased${personsErasedAt === undefined ? '' : ` at ${moment(personsErasedAt)}`}`;
  const facts: readonly (readonly [string, ComponentChild])[] = [
    ['Order id', orderId],
    ['Trace id', trace && <TraceLink key="trace" trace={trace} />],
    ['Reference', reference],
    ['Customer', customer === null ? erased : `${customer.name}, ${customer.email}`],
    [
      'To',
      to === null
        ? erased
        : [to.line1, to.line2, to.city, to.region, to.postalCode, to.country].filter(Boolean).join(', '),
    ],
    ['Stock', reservation.status],
    ['Payment', [payment.status, payment.reason].filter(Boolean).join(': ')],
    [
      'Parcel',
      shipment === null
        ? 'none yet'
        : [shipment.status, shipment.carrier, shipment.trackingNumber].filter(Boolean).join(', '),
    ],
    [
      'E-mails',
      emails
        .map(({ occasion, sentAt, resent }) => `${occasion} ${resent ? 'again ' : ''}at ${moment(sentAt)}`)
        .join('; ') || 'none yet',
    ],
    ['Cancelled because of', cancelReason],
  ];
  return (
    <section class="card" aria-label="What is known of the order">
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
      </dl>
      <Table
        caption="Lines"
        items={lines}
        keyOf={({ sku }) => sku}
        empty="It has no lines."
        columns={[
          { title: 'SKU', cell: ({ sku }) => sku },
          { title: 'Pieces', figure: true, cell: ({ quantity }) => quantity },
          { title: 'Each', figure: true, cell: ({ unitPrice }) => money(unitPrice) },
        ]}
      />
    </section>
  );
}

function TraceLink({ trace: { id, url, sampled } }: { readonly trace: Explanation['trace'] }) {
  if (url === null) return id;
  return (
    <>
      <a href={url} target="_blank" rel="noreferrer">
        {id}
      </a>
      {sampled ? null : ' (not among the orders that are traced)'}
    </>
  );
}
