/** What the statements that the runtime sends by name do, on tables in memory. An unknown one is a fault of the simulation. */
import { uniqueViolation } from './database-errors.js';
import { deadLetterStatements, isStanding } from './dead-letter-statements.js';
import { intakeStatements } from './intake-statements.js';
import { keyedStatement } from './keyed-statements.js';
import { markStatements } from './mark-statements.js';
import { parametersOf } from './parameters.js';
import type { Asked, Statement } from './statement.js';
import type { Row } from './tables.js';

const later = ({ now }: Asked, ms: number): Date => new Date(now.getTime() + ms);

const inboxKey = (actor: string, messageId: string): string => `${actor} ${messageId}`;

const KNOWN: Readonly<Record<string, Statement>> = {
  ...deadLetterStatements,
  ...markStatements,
  ...intakeStatements,

  'inbox-claim': ({ tables }, actor: string, ids: string[]) => {
    const letters = tables.all('dead_letters').some((letter) => letter['actor'] === actor && isStanding(letter));
    const fresh = ids.filter((id) => tables.get('inbox', inboxKey(actor, id)) === undefined);
    for (const id of fresh) tables.put('inbox', inboxKey(actor, id), { actor, message_id: id });
    return [{ fresh: fresh.length < ids.length ? fresh : null, letters }];
  },
  'inbox-withdraw': ({ tables }, actor: string, ids: string[]) =>
    ids.filter((id) => tables.delete('inbox', inboxKey(actor, id))).map((id) => ({ id })),
  'ids-logged': ({ tables }, ids: string[]) =>
    ids.flatMap((id) => {
      const logged = tables.get('event_log', id);
      return logged === undefined ? [] : [{ id, body: String(logged['payload']) }];
    }),

  'messages-store': (asked, ids: string[], ...columns) => {
    const { tables } = asked;
    const leaseMs: number = columns.pop();
    const [types, versions, correlationIds, causationIds, producers, times, payloads] = columns as unknown[][];
    for (const [index, id] of ids.entries()) {
      if (tables.get('event_log', id) !== undefined) throw uniqueViolation('event_log');
      tables.put('event_log', id, {
        id,
        type: types?.[index],
        version: versions?.[index],
        correlation_id: correlationIds?.[index],
        causation_id: causationIds?.[index],
        producer: producers?.[index],
        occurred_at: times?.[index],
        payload: JSON.stringify(payloads?.[index]),
      });
      tables.put('outbox', id, { id, leased_until: later(asked, leaseMs), attempts: 0 });
    }
    return ids.map((id) => ({ id }));
  },
  'outbox-forget': ({ tables }, ids: string[]) => ids.filter((id) => tables.delete('outbox', id)).map((id) => ({ id })),
  'outbox-lease': (asked, limit: number, leaseMs: number) => {
    const { tables, now } = asked;
    const due = tables
      .all('outbox')
      .filter((row) => dateOf(row, 'leased_until') <= now)
      .sort((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1))
      .slice(0, limit);
    return due.map(({ id, attempts }) => {
      const before = Number(attempts);
      const until = later(asked, 2 ** Math.min(before, 6) * leaseMs);
      tables.update('outbox', String(id), { attempts: before + 1, leased_until: until });
      const log = tables.get('event_log', String(id));
      return { ...log, attempts: before + 1, body: log?.['payload'] };
    });
  },

  'timers-unschedule': ({ tables }, orders: string[], types: string[]) =>
    orders.filter((order, index) => tables.delete('timers', `${order} ${types[index]}`)).map((order) => ({ order })),
  'timers-schedule': (asked, orders: string[], types: string[], versions, causes, producers, payloads, afterMs) =>
    orders.map((correlation_id, index) => {
      const type = types[index];
      const timer = {
        correlation_id,
        type,
        version: versions[index],
        causation_id: causes[index],
        producer: producers[index],
        body: JSON.stringify(payloads[index]),
        due_at: later(asked, afterMs[index]),
      };
      asked.tables.put('timers', `${correlation_id} ${type}`, timer);
      return timer;
    }),
  'timers-fire': ({ tables, now }, limit: number) => {
    const due = tables
      .all('timers')
      .filter((row) => dateOf(row, 'due_at') <= now)
      .sort((one, other) => dateOf(one, 'due_at').getTime() - dateOf(other, 'due_at').getTime())
      .slice(0, limit);
    for (const { correlation_id, type } of due) tables.delete('timers', `${correlation_id} ${type}`);
    return due.map((timer) => ({ ...timer, now }));
  },
};

/** Those without a name. */
const UNNAMED: readonly (readonly [RegExp, Statement])[] = [
  [/^select count\(\*\) as depth/, ({ tables }) => [{ depth: tables.keys('outbox').length, oldest_ms: 0 }]],
  [
    /^delete from inbox where actor = \$1 and message_id = any\(\$2::uuid\[\]\)$/,
    (asked, actor, ids) => KNOWN['inbox-withdraw']?.(asked, actor, ids) ?? [],
  ],
];

/** Carries the statement out. @throws {TypeError} when the simulation does not know it */
export function execute(
  asked: Asked,
  {
    name = '',
    text,
    values = [],
  }: { readonly name?: string; readonly text: string; readonly values?: readonly unknown[] },
): Row[] {
  const statement = KNOWN[name] ?? keyedStatement(text) ?? UNNAMED.find(([pattern]) => pattern.test(text))?.[1];
  if (statement === undefined) {
    throw new TypeError(
      `the simulated database does not know ${name || text}; teach it in test/simulation/runtime/statements.ts`,
    );
  }
  return statement(asked, ...parametersOf(text, values));
}

const dateOf = (row: Row, column: string): Date => row[column] as Date;
