/** `warren orders`: finds orders, shows and cancels them, sends their mails again, and erases their persons. */
import { type Command, Option } from 'commander';
import type { Erasure } from '../../api/operators/orders/erase-route.js';
import type { ListedOrder } from '../../api/operators/orders/order-routes.js';
import type { ResendAccepted } from '../../api/operators/orders/resend-mail-route.js';
import type { Cancellation } from '../../api/orders/cancellation.js';
import type { OrderView } from '../../api/orders/order-view.js';
import { newId } from '../../shared/messaging/message-id.js';
import { ORDER_STATUSES } from '../../workers/orders/messages.js';
import { tableLines } from '../table.js';
import { ApiAway } from './api.js';
import { addCommand, count, firstOf, type Running } from './command.js';
import type { Json } from './json.js';
import { namedLines, when } from './lines.js';

interface ListOptions {
  readonly status?: string;
  readonly reference?: string;
  readonly email?: string;
  readonly sku?: string;
  readonly olderThan?: string;
  readonly limit: number;
}

export function orderCommands(parent: Command, running: Running): void {
  const orders = parent
    .command('orders')
    .description('finds orders, shows and cancels them, sends their mails again, and erases their persons');
  addCommand<ListOptions>(orders, running, 'list', 'orders that fit, the newest first', async ({ api, options }) => {
    const { status, reference, email, sku, olderThan, limit } = options;
    const found = await api.list<Json<ListedOrder>>('/orders', { status, reference, email, sku, olderThan }, limit);
    return { json: found, lines: found.length === 0 ? ['no order fits'] : orderLines(found) };
  })
    .addOption(new Option('--status <status>', 'those of this status').choices(ORDER_STATUSES))
    .option('--reference <text>', 'those with this reference of their storefront')
    .option('--email <address>', 'those of this customer')
    .option('--sku <sku>', 'those with a line of this SKU')
    .option('--older-than <duration>', 'those placed so long ago at least, such as 90s, 15m, 2h, 7d')
    .option('--limit <n>', 'so many at most', count, 100);
  addCommand(
    orders,
    running,
    'show <order>',
    'an order, as its storefront sees it, and which mails were sent again',
    async ({ api, args }) => {
      const order = await api.get<OrderView>(`/orders/${encodeURIComponent(firstOf(args))}`);
      return { json: order, lines: wholeOrderLines(order) };
    },
  );
  addCommand<{ readonly reason: string }>(
    orders,
    running,
    'cancel <order>',
    'cancels an order, as if its customer wished it',
    async ({ api, args, options: { reason } }) => {
      const accepted = await api.post<Cancellation>(`/orders/${encodeURIComponent(firstOf(args))}/cancel`, { reason });
      return { json: accepted, lines: [`${accepted.message} Follow it: warren explain ${accepted.orderId}`] };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<{ readonly reason: string }>(
    orders,
    running,
    'erase <order>',
    'forgets who ordered and where it went, once it is shipped or cancelled and its mails are sent',
    async ({ api, args, options: { reason } }) => {
      const erased = await api.post<Erasure>(`/orders/${encodeURIComponent(firstOf(args))}/erase`, { reason });
      return { json: erased, lines: [erased.message] };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<{ readonly reason: string; readonly resendId?: string }>(
    orders,
    running,
    'resend-mail <order> <occasion>',
    'sends a mail once more that was sent: confirmed, shipped or cancelled',
    async ({ api, args: [order = '', occasion = ''], options: { reason, resendId = newId() } }) => {
      const path = `/orders/${encodeURIComponent(order)}/mails/${encodeURIComponent(occasion)}/resend`;
      const accepted = await api.post<ResendAccepted>(path, { reason, resendId }).catch((error: unknown) => {
        if (!(error instanceof ApiAway)) throw error;
        const hint = `If it was asked already, it is not sent twice when you ask again with --resend-id ${resendId}`;
        throw new ApiAway(`${error.message}. ${hint}`, { cause: error });
      });
      return { json: accepted, lines: [`${accepted.message} Follow it: warren orders show ${accepted.orderId}`] };
    },
  )
    .requiredOption('--reason <text>', 'why')
    .option('--resend-id <uuid>', 'of a command whose answer was lost: what was asked with it is sent once');
}

function orderLines(orders: readonly Json<ListedOrder>[]): string[] {
  const rows = orders.map(({ id, status, reference, email, customerUnread, total, placedAt }) => [
    id,
    status,
    reference ?? '',
    email ?? (customerUnread ? 'cannot be read' : 'erased'),
    `${total.amount} ${total.currency}`,
    when(placedAt),
  ]);
  return tableLines([['ORDER', 'STATUS', 'REFERENCE', 'EMAIL', 'TOTAL', 'PLACED'], ...rows]);
}

function wholeOrderLines({ lines, timeline, emails, total, ...order }: OrderView): string[] {
  return [
    ...namedLines({ ...order, total: `${total.amount} ${total.currency}` }),
    '',
    ...tableLines([
      ['SKU', 'QUANTITY', 'UNIT PRICE'],
      ...lines.map(({ sku, quantity, unitPrice }) => [
        sku,
        String(quantity),
        `${unitPrice.amount} ${unitPrice.currency}`,
      ]),
    ]),
    '',
    ...timeline.map(({ at, type }) => `${when(at)}  ${type}`),
    ...emails.map(
      ({ sentAt, occasion, resent }) => `${when(sentAt)}  e-mail: ${occasion}${resent ? ', sent again' : ''}`,
    ),
  ];
}
