/** 3: no piece appears, vanishes, or is sold twice. */
import { isAtItsEnd } from '../../workers/orders/messages.js';
import type { Dossier } from '../dossier.js';
import type { Invariant } from '../invariant.js';
import { findSetWise, since } from '../set-wise.js';

interface Level {
  readonly storefrontId: string;
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
  readonly received: number | null;
  readonly movedReserved: number;
  readonly movedShipped: number;
}

export const stock: Invariant = {
  number: 3,
  title: 'stock',
  checks: [
    {
      what: 'pieces of a storefront’s SKU add up to what was received, and to its movements',
      holds: 'always',
      // One statement, and so one moment: a level and its movements are committed together.
      find: (evidence) =>
        findSetWise<Level>(evidence, {
          count: 'select count(*) from stock_levels where $1::timestamptz is null or true',
          faulty: `
            with moved as (
              select storefront_id, sku,
                sum(quantity) filter (where kind = 'received') as received,
                coalesce(sum(quantity) filter (where kind = 'reserved'), 0)
                  - coalesce(sum(quantity) filter (where kind in ('released', 'shipped')), 0) as reserved,
                coalesce(sum(quantity) filter (where kind = 'shipped'), 0) as shipped
              from stock_movements group by storefront_id, sku
            )
            select storefront_id as "storefrontId", sku, coalesce(level.on_hand, 0) as "onHand", coalesce(level.reserved, 0) as reserved,
              coalesce(level.shipped, 0) as shipped, moved.received::bigint,
              coalesce(moved.reserved, 0)::bigint as "movedReserved", coalesce(moved.shipped, 0)::bigint as "movedShipped"
            from stock_levels as level full join moved using (storefront_id, sku)
            where ($1::timestamptz is null or true) and (
              coalesce(level.on_hand, 0) + coalesce(level.reserved, 0) + coalesce(level.shipped, 0) <> coalesce(moved.received, 0)
              or coalesce(level.shipped, 0) <> coalesce(moved.shipped, 0)
              or coalesce(level.reserved, 0) <> coalesce(moved.reserved, 0)
              or least(level.on_hand, level.reserved, level.shipped) < 0)`,
          violation: ({ storefrontId, sku, onHand, reserved, shipped, received, movedReserved, movedShipped }) => ({
            subject: `SKU ${sku} of storefront ${storefrontId}`,
            what:
              `${onHand} on hand, ${reserved} reserved and ${shipped} shipped of ${received ?? 0} received; ` +
              `its movements say ${movedReserved} reserved, ${movedShipped} shipped`,
          }),
        }),
    },
    {
      what: 'the movements for an order are those of its reservation',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; sku: string }>(evidence, {
          count: `select count(*) from reservations where ${since('order_id')}`,
          faulty: `
            with line as (
              select order_id, status, line ->> 'sku' as sku, (line ->> 'quantity')::bigint as quantity
              from reservations, jsonb_array_elements(lines) as line where status <> 'failed' and ${since('order_id')}
            ), moved as (
              select order_id, sku, sum(quantity) filter (where kind = 'reserved') as reserved,
                coalesce(sum(quantity) filter (where kind = 'released'), 0) as released,
                coalesce(sum(quantity) filter (where kind = 'shipped'), 0) as shipped
              from stock_movements where order_id is not null and ${since('order_id')} group by order_id, sku
            )
            select order_id as "orderId", sku from line full join moved using (order_id, sku)
            where moved.reserved is distinct from line.quantity
              or moved.released is distinct from case line.status when 'released' then line.quantity else 0 end
              or moved.shipped is distinct from case line.status when 'shipped' then line.quantity else 0 end`,
          violation: ({ orderId, sku }) => ({ orderId, what: `its reservation and the movements of ${sku} disagree` }),
        }),
    },
    {
      what: 'an order takes only what is its storefront’s',
      holds: 'always',
      find: (evidence) =>
        findSetWise<{ orderId: string; sku: string; storefrontId: string }>(evidence, {
          count: `select count(*) from stock_movements where order_id is not null and ${since('order_id')}`,
          faulty: `
            select order_id as "orderId", moved.sku, moved.storefront_id as "storefrontId"
            from stock_movements as moved join orders on orders.id = moved.order_id
            where moved.storefront_id <> orders.storefront_id and ${since('order_id')}`,
          violation: ({ orderId, sku, storefrontId }) => ({
            orderId,
            what: `${sku} was moved in the stock of storefront ${storefrontId}, which is another’s`,
          }),
        }),
    },
    {
      what: 'an order at its end has no live reservation',
      holds: 'once-settled',
      judge: async () => reservationEnded,
    },
  ],
};

export function reservationEnded(order: Dossier): string[] | undefined {
  if (!isAtItsEnd(order.progress)) return undefined;
  const { status } = order.progress;
  const ended = status === 'SHIPPED' ? ['shipped'] : ['failed', 'released'];
  return ended.includes(order.reservation ?? 'none')
    ? []
    : [`is ${status}, and its reservation is ${order.reservation ?? 'none'}`];
}
