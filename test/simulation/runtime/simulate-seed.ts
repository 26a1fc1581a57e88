/** One run: a few orders, a fleet, and whatever the seed lets go wrong; then everything heals, and must come right. */
import { pino } from 'pino';
import { stockId } from '../../../workers/inventory/stock.state.js';
import { placed } from '../../support/sample-order.js';
import { Customer, type Plan } from './customer.js';
import { faultsOf, unrest } from './invariants.js';
import { NATURE } from './scheduler.js';
import { SimulatedFleet } from './simulated-fleet.js';
import type { Blows } from './simulated-process.js';
import type { SimulatedServers } from './simulated-servers.js';
import type { Temper } from './tally.actor.js';
import { inVirtualTime } from './virtual-time.js';
import { type Mishap, World } from './world.js';

export interface Outcome {
  readonly seed: number;
  /** What is wrong; nothing, in a sound program. */
  readonly faults: readonly string[];
  /** Everything that happened, a line each: the same whenever the seed is the same. */
  readonly trace: readonly string[];
  readonly mishaps: ReadonlyMap<Mishap, number>;
  /** Codes of the dead letters, all of them asked for where there is no fault. */
  readonly letters: readonly string[];
  readonly events: number;
  readonly orders: number;
  /** In the time of the run, in milliseconds. */
  readonly tookMs: number;
}

const SECOND_MS = 1_000;
const QUIET_WITHIN_MS = 3_600 * SECOND_MS;
/** More than any run needs; one that takes more goes round in circles. */
const EVENTS_AT_MOST = 300_000;
const LOOK_EVERY_MS = SECOND_MS;

const SILENT = pino({ level: 'silent' });

export async function simulate(seed: number): Promise<Outcome> {
  const world = new World(seed);
  return inVirtualTime(
    world.scheduler,
    world.chance,
    () => world.wrong('a process ended itself: the runtime has found a defect in itself'),
    () => run(world, seed),
  );
}

async function run(world: World, seed: number): Promise<Outcome> {
  const { chance, scheduler } = world;
  const plans = Array.from({ length: 1 + chance.below(3) }, () => planOf(world));
  const mugs = chance.oneIn(4) ? 2 : 6;
  const tempers = plans.map(() => temperOf(world));
  const deadly = tempers.some(({ kind }) => kind === 'kill');
  const blows = blowsOf(world, deadly);
  const indexOf = (servers: SimulatedServers, orderId: string): number =>
    Number(String(servers.database.tables.get('orders', orderId)?.['reference']).replace('order-', ''));
  const fleet = new SimulatedFleet(world, {
    log: SILENT,
    blows,
    fateOf: (orderId, servers) => plans[indexOf(servers, orderId)] ?? SOUND,
    temper: (orderId, type, attempt) => tempers[indexOf(fleet.servers, orderId)]?.of(type, attempt) ?? 'count',
  });
  stockUp(fleet.servers, mugs);
  fleet.start();
  fleet.servers.suffer();
  const customers = plans.map((plan, index) => new Customer(world, fleet, plan, index));
  world.after(chance.between(5, 45) * SECOND_MS, NATURE, () => world.heal());

  let quiet = false;
  const look = (): void => {
    quiet = world.healed && unrest(fleet, customers).length === 0;
    if (!quiet) world.after(LOOK_EVERY_MS, NATURE, look);
  };
  look();
  await scheduler.run(
    () => quiet || world.wrongs.length > 0 || scheduler.nowMs > QUIET_WITHIN_MS || scheduler.count > EVENTS_AT_MOST,
  );
  const expected = (orderId: string, actor: string, code: string): boolean =>
    actor === 'tally' && (tempers[indexOf(fleet.servers, orderId)]?.codes.includes(code) ?? false);
  return {
    seed,
    faults: [
      ...world.wrongs,
      ...unrest(fleet, customers).map((what) => `not quiet: ${what}`),
      ...(quiet ? faultsOf(fleet, customers, expected, mugs) : []),
    ],
    trace: world.trace,
    mishaps: world.mishaps,
    letters: fleet.servers.database.tables.all('dead_letters').map(({ error_code }) => String(error_code)),
    events: scheduler.count,
    orders: plans.length,
    tookMs: scheduler.nowMs,
  };
}

const SOUND: Plan = {
  declined: false,
  captureRefused: false,
  shipmentRefused: false,
  orderedAtMs: 0,
  cancelledAfterMs: undefined,
  impatient: false,
};

function planOf({ chance }: World): Plan {
  return {
    declined: chance.oneIn(10),
    captureRefused: chance.oneIn(10),
    shipmentRefused: chance.oneIn(10),
    orderedAtMs: chance.between(10, 3 * SECOND_MS),
    cancelledAfterMs: chance.oneIn(4) ? chance.between(0, chance.oneIn(2) ? 200 : 10 * SECOND_MS) : undefined,
    impatient: chance.oneIn(4),
  };
}

/** Fewer than four, which could convict an innocent message; none beside one that kills by itself. */
function blowsOf({ chance }: World, deadly: boolean): Blows {
  const deaths = chance.below(4);
  const standstills = deaths === 3 ? 0 : chance.below(2);
  return deadly ? { deaths: 0, standstills: 0 } : { deaths, standstills };
}

interface OrderTemper {
  readonly kind: ReturnType<Temper>;
  /** Under which it is filed. */
  readonly codes: readonly string[];
  of(type: string, attempt: number): ReturnType<Temper>;
}

const WAITS = 'order.waits';
const TYPES = ['orders.order-placed', 'orders.order-confirmed'];

/** How the tally takes the messages of an order. */
function temperOf({ chance }: World): OrderTemper {
  const sensitive = TYPES[chance.below(TYPES.length)];
  const draw = chance.below(30);
  if (draw === 0) {
    return {
      kind: 'kill',
      codes: ['message.kills-process', WAITS],
      of: (type) => (type === sensitive ? 'kill' : 'count'),
    };
  }
  if (draw < 3) {
    return {
      kind: 'fail-for-ever',
      codes: ['tally.never', WAITS],
      of: (type) => (type === sensitive ? 'fail-for-ever' : 'count'),
    };
  }
  const failures = draw < 8 ? 1 + chance.below(2) : 0;
  return { kind: 'count', codes: [], of: (_, attempt) => (attempt <= failures ? 'fail-now' : 'count') };
}

function stockUp({ database: { tables } }: SimulatedServers, mugs: number): void {
  const storefront_id = placed.storefrontId;
  for (const { sku, unitPrice } of placed.lines) {
    const id = stockId(storefront_id, sku);
    tables.put('products', id, { storefront_id, sku, price_amount: unitPrice, currency: placed.total.currency });
    const on_hand = sku === 'mug' ? mugs : 100;
    tables.put('stock_levels', id, { id, on_hand, reserved: 0, shipped: 0, version: 1 });
  }
  tables.commit();
}
