/** Orders of all storefronts, the newest first, looked for by what somebody knows of them. */
import type { TargetedSubmitEvent } from 'preact';
import type { CancelReason, ListedOrder, Page } from '../answers.js';
import { useLive } from '../live.js';
import { go, linkTo, queryOf } from '../place.js';
import { Screen } from '../screen.js';
import { Status } from '../status.js';
import { Table } from '../table.js';
import { useAnswer } from '../use-answer.js';
import { age, money, shortId } from '../words.js';
import { searchOf } from './search.js';
import { ORDER_STATUSES } from './statuses.js';

const REASONS = Object.keys({
  customer: true,
  'out-of-stock': true,
  'payment-declined': true,
  'payment-capture-refused': true,
  'shipment-refused': true,
  'payment-overdue': true,
  'confirmation-overdue': true,
  'reservation-expired': true,
  'shipment-overdue': true,
} satisfies Readonly<Record<CancelReason, true>>);
const PAGE = '50';

export function OrderList({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const { status } = useLive();
  const now = Date.parse(status?.at ?? new Date().toISOString());
  const { value, error } = useAnswer<Page<ListedOrder>>(`/operator/orders${queryOf({ limit: PAGE, ...query })}`);
  return (
    <Screen title="Orders" error={error}>
      <Filter query={query} />
      {value === undefined ? null : (
        <>
          <Table
            caption={query['cursor'] === undefined ? 'The newest first' : 'Older ones'}
            items={value.items}
            keyOf={({ id }) => id}
            empty={value.nextCursor === undefined ? 'No order fits.' : 'None among those that were looked at.'}
            columns={[
              {
                title: 'Order',
                cell: ({ id, reference }) => <a href={linkTo(['orders', id])}>{reference ?? shortId(id)}</a>,
              },
              { title: 'Status', cell: (order) => <Status status={order.status} /> },
              { title: 'Why cancelled', cell: ({ cancelReason }) => cancelReason ?? '' },
              {
                title: 'Customer',
                cell: ({ email, customerUnread }) => email ?? (customerUnread ? 'cannot be read' : 'erased'),
              },
              { title: 'Total', figure: true, cell: ({ total }) => money(total) },
              { title: 'Age', figure: true, cell: ({ placedAt }) => age(placedAt, now) },
            ]}
          />
          {value.nextCursor === undefined ? null : (
            <p>
              <a href={linkTo(['orders'], { ...query, cursor: value.nextCursor })}>Older ones</a>
            </p>
          )}
        </>
      )}
    </Screen>
  );
}

function Filter({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const submit = (event: TargetedSubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const { search = '', ...entered } = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()]),
    );
    const found = searchOf(search);
    if (found?.by === 'order') go(linkTo(['orders', found.id]));
    else go(linkTo(['orders'], { ...entered, ...(found === undefined ? {} : { [found.by]: found.text }) }));
  };
  return (
    <search>
      <form key={queryOf(query)} class="line" onSubmit={submit}>
        <label class="wide">
          Order id, trace id, e-mail or reference
          <input name="search" defaultValue={query['email'] ?? query['reference'] ?? ''} />
        </label>
        <label>
          Status
          <select name="status">
            <option value="">any</option>
            {ORDER_STATUSES.map((status) => (
              <option key={status} selected={status === query['status']}>
                {status}
              </option>
            ))}
          </select>
        </label>
        <label>
          Why cancelled
          <select name="reason">
            <option value="">any</option>
            {REASONS.map((reason) => (
              <option key={reason} selected={reason === query['reason']}>
                {reason}
              </option>
            ))}
          </select>
        </label>
        <label>
          SKU
          <input name="sku" size={14} defaultValue={query['sku'] ?? ''} />
        </label>
        <label>
          Older than
          <input
            name="olderThan"
            size={6}
            placeholder="15m"
            pattern="[1-9][0-9]{0,5}[smhd]"
            defaultValue={query['olderThan'] ?? ''}
          />
        </label>
        <button type="submit" class="primary">
          Find
        </button>
        <a href={linkTo(['orders'])}>All</a>
      </form>
    </search>
  );
}
