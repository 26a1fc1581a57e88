/** What the simulation of the runtime stands on: its database answers as PostgreSQL does. */
import 'reflect-metadata';
import { expect } from 'chai';
import { fingerprintOf } from '../../api/fingerprint.js';
import { claimKeys, keepRefusals, keyOf } from '../../api/orders/idempotency-claims.js';
import { insertOrders, pricesOf, sealSecrets } from '../../api/orders/order-rows.js';
import { bigint, keyedState, text } from '../../shared/actors/keyed-state.js';
import type { Sealed } from '../../shared/messaging/vocabulary.js';
import { createLogger } from '../../shared/observability/log.js';
import { CrashMarks } from '../../shared/postgres/crash-marks.js';
import type { Database } from '../../shared/postgres/database.js';
import { type DeadLetter, fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { databaseFailure } from '../../shared/postgres/failure.js';
import { claimInbox, withdrawInbox } from '../../shared/postgres/inbox.js';
import { KeyedTable } from '../../shared/postgres/keyed-table.js';
import { appendRows } from '../../shared/postgres/ledger-table.js';
import { orderKeys } from '../../shared/postgres/order-keys.js';
import { forgetSent, leaseUnsent, outboxBacklog, storeMessages } from '../../shared/postgres/outbox.js';
import { reusedIds } from '../../shared/postgres/reused-ids.js';
import { storedOrders } from '../../shared/postgres/stored-orders.js';
import { fireDueTimers, saveTimers } from '../../shared/postgres/timers.js';
import { hasLetters, mustWait } from '../../shared/postgres/waiting.js';
import { openPersonal } from '../../shared/secrets/persons.js';
import { Reservations, StockMovements } from '../../workers/inventory/stock.state.js';
import { Orders } from '../../workers/orders/order.state.js';
import { Payments } from '../../workers/payment/payment.state.js';
import { SimulatedDatabase } from '../simulation/runtime/simulated-database.js';
import { databaseOf } from '../simulation/runtime/simulated-pool.js';
import { SimulatedProcess } from '../simulation/runtime/simulated-process.js';
import { inVirtualTime } from '../simulation/runtime/virtual-time.js';
import { World } from '../simulation/runtime/world.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { testKeyring } from '../support/keyring.js';
import { placed } from '../support/sample-order.js';

const HOUR_MS = 3_600_000;
const TRICKY = 'quoted "and", {braced}, back\\slashed, NULL, null, ünïcode 🫖\nand broken';

const idOf = (number: number): string => `01938f00-0000-7000-8000-${String(number).padStart(12, '0')}`;
const [ORDER, OTHER] = [idOf(1), idOf(2)] as const;

/** With a key of text, and rows made and changed by the runtime. */
const Shelves = keyedState('shelves', {
  key: { column: 'sku', type: 'text' },
  fixed: { kind: text() },
  columns: { onHand: bigint() },
});

/** Asks the database all that the runtime asks, and returns the answers. */
const SUBJECTS: Readonly<Record<string, (database: Database) => Promise<unknown>>> = {
  async inbox(database) {
    const claim = (...ids: string[]) =>
      database.transaction(async (transaction) => {
        const { fresh, letters } = await claimInbox(transaction, 'tally', ids);
        return { fresh: [...fresh].sort(), letters };
      });
    const claims = [await claim(idOf(11), idOf(12)), await claim(idOf(12), idOf(13)), await claim(idOf(12))];
    await database.transaction((transaction) => withdrawInbox(transaction, 'tally', [idOf(12), idOf(14)]));
    return [claims, await claim(idOf(12), idOf(13))];
  },

  async 'a transaction that fails'(database) {
    const failed = await database
      .transaction(async (transaction) => {
        await claimInbox(transaction, 'tally', [idOf(21)]);
        throw new Error('and leaves no trace');
      })
      .catch((error: Error) => error.message);
    return [failed, (await database.transaction((transaction) => claimInbox(transaction, 'tally', [idOf(21)]))).fresh];
  },

  async 'event log and outbox'(database) {
    const store = (...ids: string[]) =>
      database.transaction((transaction) => storeMessages(transaction, ids.map(messageOf), 0)).catch(databaseFailure);
    const stored = [await store(idOf(31), idOf(32)), await store(idOf(31)), await store(idOf(33), idOf(32))];
    const reused = await database.transaction((transaction) =>
      reusedIds(transaction, [
        { id: idOf(31), body: ` ${messageOf(idOf(31)).body}` },
        { id: idOf(32), body: '{}' },
        { id: idOf(39), body: '{}' },
      ]),
    );
    const unlike = ['{"far":1e400000}', '{"none":"\\u0000"}', `{"deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}`];
    const odd = await Promise.all(
      unlike.map((body) => database.transaction((transaction) => reusedIds(transaction, [{ id: idOf(31), body }]))),
    );
    const leased = [
      await leaseUnsent(database, 1, 0),
      await leaseUnsent(database, 9, HOUR_MS),
      await leaseUnsent(database, 9, 0),
    ];
    await forgetSent(database, [idOf(31), idOf(39)]);
    const { depth } = await outboxBacklog(database);
    return [
      stored,
      reused,
      odd,
      leased.map((unsent) => unsent.map(({ body, ...rest }) => ({ ...rest, body: JSON.parse(body) }))),
      depth,
    ];
  },

  async timers(database) {
    const timer = (type: string, afterMs: number) => ({
      correlationId: ORDER,
      causationId: null,
      type,
      version: 1,
      producer: 'test',
      body: JSON.stringify({ orderId: ORDER, note: TRICKY }),
      afterMs,
    });
    const save = (...changes: Parameters<typeof saveTimers>[1][number][]) =>
      database.transaction((transaction) => saveTimers(transaction, changes));
    const fire = async () =>
      (await fireDueTimers(database, 10, HOUR_MS)).map(({ id: _id, occurredAt: _at, body, ...rest }) => ({
        ...rest,
        body: JSON.parse(body),
      }));
    await save(timer('due', 0), timer('later', HOUR_MS), timer('changed', 0));
    await save(timer('changed', HOUR_MS), { correlationId: ORDER, type: 'unknown' });
    const fired = [await fire(), await fire()];
    await save(timer('later', 0), { correlationId: ORDER, type: 'changed' });
    return [fired, await fire()];
  },

  async 'crash marks'(database) {
    const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
    const [one, other] = [new CrashMarks(database, 'tally', log), new CrashMarks(database, 'tally', log)];
    const told = (marks: Awaited<ReturnType<CrashMarks['set']>>) =>
      [...marks].map(([id, { alone, crashes, silentMs }]) => ({ id, alone, crashes, silent: silentMs > HOUR_MS }));
    const set = [
      told(await one.set([idOf(41)])),
      told(await other.set([idOf(41), idOf(42)])),
      told(await one.set([idOf(41)])),
    ];
    const holder = [...(await other.set([idOf(41)]))].map(([, mark]) => mark.holder)[0] ?? '';
    const taken = [await other.takeOver(idOf(41), idOf(99), 1), await other.takeOver(idOf(41), holder, 1)];
    const after = told(await one.set([idOf(41)]));
    await one.clear([idOf(41)]);
    const cleared = told(await one.set([idOf(41)]));
    await other.clear([idOf(41), idOf(42)]);
    await one.clear([]);
    return [set, taken, after, cleared, told(await one.set([idOf(41)])), await one.clear([idOf(41)])];
  },

  async 'dead letters'(database) {
    const before = await hasLetters(database, 'tally');
    await database.transaction((transaction) => fileDeadLetters(transaction, [letterOf(idOf(51), ORDER)]));
    await database.transaction((transaction) =>
      fileDeadLetters(transaction, [], [letterOf(idOf(52), ORDER), letterOf(idOf(51), ORDER)]),
    );
    await database.transaction((transaction) => fileDeadLetters(transaction, [letterOf(idOf(51), ORDER)]));
    const waiting = await mustWait(database, 'tally', [
      { id: idOf(51), correlationId: ORDER },
      { id: idOf(53), correlationId: ORDER },
      { id: idOf(54), correlationId: OTHER },
    ]);
    const { letters } = await database.transaction((transaction) => claimInbox(transaction, 'tally', [idOf(55)]));
    return [
      before,
      await hasLetters(database, 'tally'),
      await hasLetters(database, 'orders'),
      [...waiting].sort(),
      letters,
    ];
  },

  async 'keyed states'(database) {
    const [levels, reservations] = [new KeyedTable(Shelves), new KeyedTable(Reservations)];
    const level = (key: string, version: number, onHand: number) => ({
      key,
      version,
      value: { onHand, kind: 'shelf' },
    });
    const save = (...states: ReturnType<typeof level>[]) =>
      database
        .transaction((transaction) => levels.save(transaction, states))
        .then(() => 'saved')
        .catch((error: Error) => [databaseFailure(error), error.message]);
    const load = async () =>
      (await database.transaction((transaction) => levels.load(transaction, [TRICKY, 'cup', 'none'], true))).sort(
        (one, other) => (one.key < other.key ? -1 : 1),
      );
    const saves = [
      await save(level('cup', 0, 5), level(TRICKY, 0, 7)),
      await save(level('cup', 1, 4)),
      await save(level('cup', 1, 3), level(TRICKY, 1, 3)),
      await save(level('cup', 0, 3)),
      await load(),
    ];
    const { storefrontId } = placed;
    const value = { status: 'reserved', storefrontId, lines: [{ sku: TRICKY, quantity: 2 }] };
    await database.transaction((transaction) => reservations.save(transaction, [{ key: ORDER, version: 0, value }]));
    await database.transaction((transaction) =>
      reservations.save(transaction, [{ key: ORDER, version: 1, value: { ...value, status: 'failed', lines: [] } }]),
    );
    const movement = { storefrontId, sku: 'cup', kind: 'received', quantity: 5, orderId: ORDER };
    await database.transaction((transaction) => appendRows(transaction, StockMovements, [movement]));
    return [saves, await reservations.load(database, [ORDER, OTHER], false)];
  },

  async intake(database) {
    const claim = (key: string, orderId: string) => ({
      storefrontId: placed.storefrontId,
      idempotencyKey: key,
      fingerprint: fingerprintOf(key),
      orderId,
    });
    const request = { ...placed, lines: [], paymentToken: TRICKY };
    const secrets = sealSecrets(testKeyring, ORDER, request);
    const first = await database.transaction(async (transaction) => {
      const holders = await claimKeys(transaction, [claim('one', ORDER), claim('two', OTHER)]);
      await insertOrders(transaction, [{ ...placed, orderId: ORDER, request, secrets }]);
      await keepRefusals(transaction, [{ ...claim('two', OTHER), refusal: { status: 422, body: { detail: TRICKY } } }]);
      return [...holders];
    });
    const again = await database.transaction((transaction) =>
      claimKeys(transaction, [claim('one', OTHER), claim('two', OTHER)]),
    );
    const keys = await orderKeys(database, [ORDER, OTHER]);
    const stored = await storedOrders(database, [OTHER, ORDER, ORDER]);
    const payments = await new KeyedTable(Payments).load(database, [ORDER, OTHER], false);
    const orders = await new KeyedTable(Orders).load(database, [ORDER, OTHER], false);
    return [
      first,
      [...stored],
      ['one', 'two'].map((key) => {
        const holder = again.get(keyOf(claim(key, ORDER)));
        return typeof holder === 'object' ? { ...holder, fingerprint: holder.fingerprint.toString('latin1') } : holder;
      }),
      await database
        .transaction((transaction) => pricesOf(transaction, [{ ...placed, lines: [{ sku: 'none' }] }]))
        .then((pricesFor) => [...pricesFor(placed.storefrontId)]),
      orders.map(({ value, ...rest }) => ({
        ...rest,
        value: { ...value, placedAt: value?.['placedAt'] instanceof Date, ...plain(value, keys) },
      })),
      payments.map(({ value, ...rest }) => ({ ...rest, value: { ...value, sealedToken: opened(value) } })),
    ];
  },
};

/** What is sealed twice is never the same. */
const opened = (payment: Readonly<Record<string, unknown>> | undefined): string =>
  testKeyring.open('payment-token', ORDER, String(payment?.['sealedToken']));

const plain = (order: Readonly<Record<string, unknown>> | undefined, keys: ReadonlyMap<string, string>) => ({
  customer: openPersonal(
    testKeyring,
    { orderId: ORDER, sealedKey: keys.get(ORDER) },
    'customer',
    sealedIn(order, 'customer'),
  ),
  shippingAddress: openPersonal(
    testKeyring,
    { orderId: ORDER, sealedKey: keys.get(ORDER) },
    'shipping-address',
    sealedIn(order, 'shippingAddress'),
  ),
});
const sealedIn = (order: Readonly<Record<string, unknown>> | undefined, member: string) => order?.[member] as Sealed;

describe('the simulated database', () => {
  let real: TestDatabase;

  before(async () => {
    real = await createDatabase();
    await real.database.query({
      text: 'create table shelves (sku text primary key, kind text not null, on_hand bigint not null, version bigint not null)',
    });
    await real.database.query({
      text: `insert into storefronts (id, name, key_hash) values ($1, 'simulated', $2)`,
      values: [placed.storefrontId, Buffer.alloc(32)],
    });
  });

  after(() => real.close());

  for (const [subject, ask] of Object.entries(SUBJECTS)) {
    it(`answers as PostgreSQL does: ${subject}`, async () => {
      const simulated = await inSimulation(ask);
      expect(simulated).to.deep.equal(await ask(real.database));
    });
  }
});

/** Where nothing goes wrong. */
async function inSimulation(ask: (database: Database) => Promise<unknown>): Promise<unknown> {
  const world = new World(1);
  world.heal();
  const process = new SimulatedProcess('test', world, { deaths: 0, standstills: 0 });
  const database = databaseOf(world, new SimulatedDatabase(world), process);
  const fail = (): void => world.wrong('a process ended itself');
  return inVirtualTime(world.scheduler, world.chance, fail, async () => {
    let over = false;
    let asked: Promise<unknown> = Promise.resolve();
    world.after(0, process, () => {
      asked = ask(database).finally(() => {
        over = true;
      });
    });
    await world.scheduler.run(() => over);
    expect(world.wrongs).to.deep.equal([]);
    return asked;
  });
}

const messageOf = (id: string) => ({
  id,
  type: 'test.happened',
  version: 2,
  correlationId: ORDER,
  causationId: id === idOf(31) ? null : idOf(31),
  producer: 'test',
  occurredAt: new Date('2026-01-01T00:00:00.123Z'),
  body: JSON.stringify({ orderId: ORDER, note: TRICKY }),
});

const letterOf = (messageId: string, correlationId: string): DeadLetter => ({
  actor: 'tally',
  messageId,
  type: 'test.happened',
  correlationId,
  body: TRICKY,
  headers: { note: TRICKY },
  road: 'runtime',
  errorCode: 'test.never',
  errorMessage: TRICKY,
  stack: null,
  attempts: 1,
  release: null,
  fingerprint: 'test',
});
