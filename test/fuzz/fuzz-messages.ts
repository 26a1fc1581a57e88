/** Sends hostile messages to the queues of a fleet at work, and says what should not have become of them, or of it. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { faultsOf } from '../../audit/auditor.js';
import type { Listener } from '../../audit/evidence.js';
import { listenersOfFleet } from '../../audit/listeners.js';
import { auditOf } from '../certify/verdict.js';
import type { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import type { Documents } from '../support/reference/documents.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';
import { illnesses } from './health.js';
import { type Hostile, type HostileMessage, Making, type RealMessage, type Scene } from './hostile-message.js';
import { hostileMessages } from './hostile-messages.js';
import { type Judged, Letters, remembered } from './letters.js';
import { OddPublisher } from './odd-publisher.js';

export interface MessageFuzz {
  readonly documents: Documents;
  readonly fleet: Deployment;
  readonly messages: number;
  readonly seed: number;
  /** Orders that are placed meanwhile with each chunk: so many that are named by hostile messages, and so many that are not. */
  readonly ordersEach?: number;
  /** The audit does not ask the broker, which takes seconds to count. @default false */
  readonly withoutBroker?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (seen: number) => void;
}

export interface MessagesSeen {
  /** By kind and by what became of it. */
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: readonly string[];
  /** Real orders that were placed meanwhile, all of which came to their end. */
  readonly orders: number;
  /** Letters that an operator discarded so that orders went on. */
  readonly discarded: number;
}

/** So few that making them does not keep the connection from its heartbeats. */
const CHUNK = 100;
const SHIPPED_BEFORE = 4;
const ACCEPTED_WITHIN_MS = 60_000;
const SETTLED_WITHIN_MS = 120_000;
const QUIET_WITHIN_MS = 120_000;

export async function fuzzMessages(options: MessageFuzz): Promise<MessagesSeen> {
  const { documents, fleet, withoutBroker = false } = options;
  const shop = new Storefront(fleet);
  const listeners = await listenersOfFleet();
  const canary = `canary-${randomUUID()}`;
  const publisher = await OddPublisher.open(fleet.brokerUrl);
  try {
    const shipped = await shippedOrders(fleet, shop, listeners);
    const kinds = hostileMessages(new Making(documents, listeners, canary));
    const { sent, named, unnamed, refused } = await sendAll({ ...options, kinds, shipped, shop, publisher });
    const untouched = await stuck(shop, unnamed, 'that no hostile message named');
    const letters = new Letters(fleet.database.database, sent);
    const lost = await letters.settled(SETTLED_WITHIN_MS);
    const discarded = await discard(fleet.url, [...named, ...shipped.map(({ orderId }) => orderId)]);
    const touched = await stuck(shop, named, 'after what was hostile was discarded');
    const ill = await illnesses(fleet, publisher, listeners);
    const ends = await letters.ends();
    const codes = await letters.codes();
    const audited = await auditOf(fleet, QUIET_WITHIN_MS, { expectedDeadLetters: codes, withoutBroker });
    return {
      counts: countsOf(ends),
      faults: [
        ...refused,
        ...untouched,
        ...lost.map((message) => `nothing became of it: ${told(message)}`),
        ...touched,
        ...ill,
        ...ends.flatMap(({ message, end, fault }) => (fault ? [`${end}: ${told(message)}`] : [])),
        ...(await letters.strangers()),
        ...violationsOf(audited),
        ...(fleet.output().includes(canary) ? [`a log has what stood in it: ${around(fleet.output(), canary)}`] : []),
      ],
      orders: named.length + unnamed.length,
      discarded,
    };
  } finally {
    await publisher.close();
  }
}

interface Sending extends MessageFuzz {
  readonly kinds: fc.Arbitrary<Hostile>;
  readonly shipped: Scene['shipped'];
  readonly shop: Storefront;
  readonly publisher: OddPublisher;
}

/** Sends all, chunk by chunk, and places orders with each. */
async function sendAll({
  messages,
  seed,
  ordersEach = 3,
  signal,
  onProgress,
  kinds,
  shipped,
  shop,
  publisher,
}: Sending) {
  const [sent, refused]: [HostileMessage[], string[]] = [[], []];
  const [named, unnamed]: [string[], string[]] = [[], []];
  for (let chunk = 0; sent.length < messages && signal?.aborted !== true; chunk++) {
    const placed = await Promise.all(Array.from({ length: ordersEach * 2 }, () => accepted(shop)));
    named.push(...placed.slice(0, ordersEach));
    unnamed.push(...placed.slice(ordersEach));
    const scene: Scene = { shipped, underWay: named.slice(-ordersEach) };
    const numRuns = Math.min(CHUNK, messages - sent.length);
    const made = fc.sample(kinds, { seed: seed + chunk, numRuns }).map((make) => make(scene));
    const copies = made.flatMap((message) => Array.from({ length: message.times }, () => message));
    const outcomes = await Promise.all(copies.map((message) => publisher.publish(message)));
    copies.forEach((message, at) => {
      const wanted = message.actors.length === 0 ? 'returned' : 'taken';
      if (outcomes[at] !== wanted) refused.push(`${outcomes[at]} by the broker: ${told(message)}`);
    });
    sent.push(...made.map(remembered));
    onProgress?.(sent.length);
  }
  return { sent, named, unnamed, refused };
}

function countsOf(ends: readonly Judged[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { message, end } of ends) {
    const what = `${message.what}: ${end.slice(0, LONGEST_CODE)}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
}

const LONGEST_CODE = 40;

function violationsOf({ verdicts, underWay }: Awaited<ReturnType<typeof auditOf>>): string[] {
  const broken = verdicts.filter((verdict) => faultsOf(verdict) > 0);
  return [
    ...underWay.map((what) => `not quiet: ${what}`),
    ...broken.map(
      ({ number, what, outcome }) => `invariant ${number}, ${what}: ${JSON.stringify(outcome).slice(0, 1000)}`,
    ),
  ];
}

/** Places an order, as often as it takes: while much is under way, web may have no room for it. */
function accepted(shop: Storefront): Promise<string> {
  const key = randomUUID();
  return until('an order is accepted', () => shop.place({ key }).catch(() => undefined), ACCEPTED_WITHIN_MS);
}

/** Orders about which everything is said and handled. */
async function shippedOrders(
  { database: { database } }: Deployment,
  shop: Storefront,
  listeners: readonly Listener[],
): Promise<Scene['shipped']> {
  const ids = await Promise.all(Array.from({ length: SHIPPED_BEFORE }, () => shop.place()));
  await Promise.all(ids.map((id) => shop.reached(id, 'SHIPPED')));
  const pairs = listeners.flatMap(({ actor, types }) => types.map((type) => ({ actor, type })));
  await until('all messages of the shipped orders are handled', async () => {
    const { rows } = await database.query<{ left: number }>({
      text: `select count(*)::int as left from event_log
             join unnest($2::text[], $3::text[]) as listener (actor, type) using (type)
             where correlation_id = any($1::uuid[]) and not exists (
               select from inbox where inbox.actor = listener.actor and message_id = event_log.id)`,
      values: [ids, pairs.map(({ actor }) => actor), pairs.map(({ type }) => type)],
    });
    return rows[0]?.left === 0;
  });
  return Promise.all(
    ids.map(async (orderId) => {
      const { rows: messages } = await database.query<RealMessage>({
        text: `select id, type, version, payload::text as body from event_log where correlation_id = $1 order by id`,
        values: [orderId],
      });
      return { orderId, messages };
    }),
  );
}

/** Orders that have not come to their end. */
async function stuck(shop: Storefront, orderIds: readonly string[], which: string): Promise<string[]> {
  const left = await Promise.all(
    orderIds.map((id) =>
      shop.reached(id, 'SHIPPED', SETTLED_WITHIN_MS).then(
        () => [],
        () => [id],
      ),
    ),
  );
  return left.flat().map((id) => `order ${id}, ${which}, does not come to its end`);
}

/** Gives up what stands open of these orders. */
async function discard(url: string, orders: readonly string[]): Promise<number> {
  let discarded = 0;
  for (const order of orders) {
    const { status, body } = await operate(url, 'POST', '/dead-letters/discard', {
      filter: { order },
      reason: 'hostile',
    });
    if (body['code'] === 'dead-letter.none') continue;
    if (status !== 200) throw new Error(`letters were not discarded: ${status} ${JSON.stringify(body)}`);
    discarded += Number(body['discarded']);
  }
  return discarded;
}

const told = ({ what, exchange, routingKey, properties, content }: HostileMessage): string =>
  `${what} to ${exchange} ${routingKey} ${JSON.stringify(properties).slice(0, 500)} ${content.toString('latin1').slice(0, 200)}`;

const around = (text: string, word: string): string => text.slice(text.indexOf(word) - 300).slice(0, 600);
