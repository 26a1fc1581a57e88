/**
 * `hot-sku`: what it costs that every order wants the same article, so that all of them queue for one row of the stock: the
 * drain whose orders want it and others besides, to the drain whose orders are spread evenly. And whether it is sold to the last
 * piece and no further: a drain with enough of it for half of the backlog.
 */
import type { Database } from '../../shared/postgres/database.js';
import { drain, drainWith } from './drain.js';
import { inTurn, turnsOf } from './in-turn.js';
import type { BenchOptions, Check, Figure, Scenario } from './scenario.js';
import { benchLines, benchOrder, benchStock, SKUS, shelf, type Workload } from './workload.js';

const HOT = 'BENCH-HOT';
/** Of the speed with orders that are spread evenly. */
const SPEED_AT_LEAST = 0.9;

export const hotSku: Scenario = {
  name: 'hot-sku',
  summary:
    'how fast the fleet drains when every order wants one SKU, to how fast when not; and that it is not oversold',
  limitMs: (options) => turnsOf(2) * drain.limitMs(options),
  async run(context) {
    const { options } = context;
    const inStock = options.warmUp + Math.floor(options.orders / 2);
    const soldOut = options.warmUp + options.orders - inStock;
    const even = { name: 'orders spread evenly', run: () => drainWith(context) };
    const enough = {
      name: 'orders that all want one SKU',
      run: () => drainWith(context, { workload: hotWorkload(options, options.warmUp + options.orders) }),
    };
    const scarce = {
      name: `the same, with enough for all but ${soldOut}`,
      run: () =>
        drainWith(context, {
          workload: hotWorkload(options, inStock),
          soldOut,
          checks: (database) => soldToTheLast(database, inStock),
        }),
    };
    const { plainPerSecond, others, checks } = await inTurn(context, even, [enough, scarce]);
    const [hot = Number.NaN, tooFew = Number.NaN] = others.map(({ perSecond }) => perSecond);
    const speed = (key: string, title: string, value: number): Figure => ({ key, title, value, unit: 'orders/s' });
    return {
      figures: [
        speed('evenPerSecond', 'drained, orders spread evenly', plainPerSecond),
        speed('hotPerSecond', 'drained, all want one SKU', hot),
        {
          key: 'hotToEven',
          title: 'all want one SKU, to spread evenly',
          value: hot / plainPerSecond,
          unit: '',
          target: { atLeast: SPEED_AT_LEAST },
        },
        speed('soldOutPerSecond', 'at their end, half of them cancelled for want of it', tooFew),
      ],
      checks,
    };
  },
};

/** One piece of the hot SKU an order, and as many others as make `--lines` lines. */
export const hotWorkload = (
  { orders, warmUp, lines }: Pick<BenchOptions, 'orders' | 'warmUp' | 'lines'>,
  inStock: number,
): Workload => ({
  stock: [shelf(HOT, inStock), ...benchStock(SKUS, orders + warmUp, lines)],
  *orders(count, first) {
    for (let at = first; at < first + count; at++)
      yield benchOrder(at, [{ sku: HOT, quantity: 1 }, ...benchLines(at, lines - 1, SKUS)]);
  },
});

async function soldToTheLast(database: Database, received: number): Promise<Check[]> {
  const { rows } = await database.query<{ on_hand: number; reserved: number; shipped: number }>({
    text: 'select on_hand, reserved, shipped from stock_levels where sku = $1',
    values: [HOT],
  });
  const { on_hand = Number.NaN, reserved = Number.NaN, shipped = Number.NaN } = rows[0] ?? {};
  return [
    { what: 'pieces of the hot SKU on hand', expected: 0, found: on_hand },
    { what: 'pieces of the hot SKU reserved', expected: 0, found: reserved },
    { what: 'pieces of the hot SKU shipped', expected: received, found: shipped },
  ];
}
