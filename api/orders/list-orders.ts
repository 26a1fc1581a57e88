/**
 * `GET /orders`: a storefront's orders, the newest first, page by page. A page looks at a bounded number of them, so it may be short,
 * or empty, and still have a `nextCursor`.
 */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import { Money } from '../../shared/messaging/vocabulary.js';
import { ORDER_STATUSES } from '../../workers/orders/messages.js';
import { tagAnswer } from '../entity-tag.js';
import { Email, oneLine, ShortLimit, Time } from '../one-line-text.js';
import { storefrontOf } from '../storefronts/authentication.js';
import { invalid, timeMs } from '../time-asked.js';
import type { App } from '../type-provider.js';
import type { OwnReading } from './find-order.js';
import { type FoundOrder, findOrders } from './find-orders.js';
import { cursorAfter, orderAt } from './order-cursor.js';
import { CustomerView } from './order-view.js';
import { noteUnread } from './unread-persons.js';

const PAGE = 20;
/** Orders that one page looks at, where no index tells which fit: less than ten milliseconds of the database's time. */
const LOOKS_AT_MOST = 4000;

const Query = Type.Object(
  {
    status: Type.Optional(Type.Enum(ORDER_STATUSES)),
    customer: Type.Optional(Email),
    reference: Type.Optional(oneLine(100)),
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    limit: Type.Optional(ShortLimit),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
  },
  { additionalProperties: false },
);
type Query = Static<typeof Query>;

const ListedOrder = Type.Object({
  orderId: Type.String(),
  status: Type.String(),
  reference: Type.Optional(Type.String()),
  /** Null once it is erased, and while no key opens it. */
  customer: Type.Union([CustomerView, Type.Null()]),
  /** The customer is not erased: no key opens it at present. */
  customerUnread: Type.Optional(Type.Literal(true)),
  total: Money,
  cancelReason: Type.Optional(Type.String()),
  placedAt: Type.String({ format: 'date-time' }),
});

const Orders = Type.Object({ items: Type.Array(ListedOrder), nextCursor: Type.Optional(Type.String()) });

export function listOrdersRoute(app: App, { rows, keyring }: OwnReading): void {
  app.get(
    '/orders',
    {
      config: { scope: 'orders:read' },
      onSend: tagAnswer,
      schema: {
        summary: 'Find orders',
        description:
          'The newest first. `customer` is an e-mail address in whatever case, `from` and `to` are when it was placed: from then on, and before. While there is a `nextCursor` there is more, also after a page that is short or empty. A `customer` is null once it is erased, and with `customerUnread` while the shop lacks the key that opens it.',
        querystring: Query,
        takes: ['If-None-Match'],
        response: { 200: Orders, 304: Type.Null() },
        gives: { 200: ['ETag', 'Link'], 304: ['ETag', 'Link'] },
        media: { 304: [] },
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { status, customer, reference, from, to, limit = String(PAGE) } = query;
      const storefrontId = storefrontOf(request);
      const asked = [storefrontId, status, customer, reference, from, to];
      const { orders, more, unread } = await findOrders(
        { database: rows.of(storefrontId), keyring },
        { storefrontId, status, email: customer, reference, ...timesOf(query) },
        { limit: Number(limit), before: placeOf(query.cursor, asked), looksAtMost: LOOKS_AT_MOST },
      );
      noteUnread(request.log, unread);
      const items = orders.map(listed);
      const first = link(query, undefined, 'first');
      if (more === undefined) {
        reply.header('link', first);
        return { items };
      }
      const nextCursor = cursorAfter(more, asked);
      reply.header('link', `${link(query, nextCursor, 'next')}, ${first}`);
      return { items, nextCursor };
    },
  );
}

/** @throws {Problem} `request.invalid` */
function timesOf({ from, to }: Query): { readonly from?: Date; readonly to?: Date } {
  const times = {
    ...(from === undefined ? {} : { from: new Date(timeMs(from, { parameter: 'from' })) }),
    ...(to === undefined ? {} : { to: new Date(timeMs(to, { parameter: 'to' })) }),
  };
  if (times.from !== undefined && times.to !== undefined && times.from >= times.to)
    throw invalid({ parameter: 'to', detail: 'is not after "from"' });
  return times;
}

/** @throws {Problem} `request.invalid` for a cursor that was not given for what is asked */
function placeOf(cursor: string | undefined, asked: readonly unknown[]): string | undefined {
  if (cursor === undefined) return undefined;
  const orderId = orderAt(cursor, asked);
  if (orderId !== undefined) return orderId;
  throw invalid({ parameter: 'cursor', detail: 'is not the nextCursor of an earlier answer to the same filters' });
}

/** RFC 8288. */
function link({ cursor: _, ...kept }: Query, cursor: string | undefined, rel: 'next' | 'first'): string {
  const query = new URLSearchParams({ ...kept, ...(cursor === undefined ? {} : { cursor }) }).toString();
  return `</orders${query === '' ? '' : `?${query}`}>; rel="${rel}"`;
}

const listed = ({ id, reference, cancelReason, placedAt, ...order }: FoundOrder): Static<typeof ListedOrder> => ({
  orderId: id,
  status: order.status,
  ...(reference === null ? {} : { reference }),
  customer: order.customer,
  ...(order.customerUnread === undefined ? {} : { customerUnread: order.customerUnread }),
  total: order.total,
  ...(cancelReason === null ? {} : { cancelReason }),
  placedAt: placedAt.toISOString(),
});
