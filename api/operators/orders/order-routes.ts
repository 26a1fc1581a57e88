/** `GET /operator/orders` and `GET /operator/orders/{id}`: the orders of all storefronts. */
import Type from '../../../shared/messaging/typebox.js';
import { CancelReason, ORDER_STATUSES } from '../../../workers/orders/messages.js';
import { Duration, oneLine } from '../../one-line-text.js';
import { findOrder } from '../../orders/find-order.js';
import { type FoundOrder, findOrders } from '../../orders/find-orders.js';
import { orderIdOf, orderNotFound } from '../../orders/order-id.js';
import { OrderView } from '../../orders/order-view.js';
import { noteUnread } from '../../orders/unread-persons.js';
import { cursorAt, pageOf, pageQuery } from '../../page.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';

/** Orders that one page looks at, where no index tells which fit. */
const LOOKS_AT_MOST = 20_000;
const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

const Query = Type.Object(
  {
    ...pageQuery,
    status: Type.Optional(Type.Enum(ORDER_STATUSES)),
    reference: Type.Optional(oneLine(200)),
    email: Type.Optional(oneLine(254)),
    sku: Type.Optional(oneLine(64)),
    reason: Type.Optional(CancelReason),
    olderThan: Type.Optional(Duration),
  },
  { additionalProperties: false },
);

export function orderRoutes(app: App, operating: Operating): void {
  app.get('/operator/orders', { schema: { querystring: Query } }, async ({ query, log }) => {
    const { olderThan, ...filter } = query;
    const { limit, after } = pageOf(query);
    const { orders, more, unread } = await findOrders(
      operating,
      { ...filter, to: olderThan === undefined ? undefined : new Date(Date.now() - secondsOf(olderThan) * 1000) },
      { limit, before: after, looksAtMost: LOOKS_AT_MOST },
    );
    noteUnread(log, unread);
    return { items: orders.map(listed), ...(more === undefined ? {} : { nextCursor: cursorAt(more) }) };
  });
  app.get(
    '/operator/orders/:id',
    { schema: { params: Type.Object({ id: Type.String() }), response: { 200: OrderView } } },
    async ({ params }) => {
      const order = await findOrder(operating, orderIdOf(params));
      if (order === undefined) throw orderNotFound();
      return order;
    },
  );
}

export interface ListedOrder extends Omit<FoundOrder, 'customer'> {
  /** Null once who ordered is erased, and while no key opens it. */
  readonly email: string | null;
}

const listed = ({ customer, ...order }: FoundOrder): ListedOrder => ({ ...order, email: customer?.email ?? null });

function secondsOf(duration: string): number {
  // The pattern of the query lets only these through.
  return Number(duration.slice(0, -1)) * UNIT_S[duration.slice(-1) as keyof typeof UNIT_S];
}
