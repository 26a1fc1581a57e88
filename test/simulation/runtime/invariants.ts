/** What must hold once the faults have healed and the fleet is quiet. */

import { EVENT_OF } from '../../../workers/email/messages.js';
import { stockId } from '../../../workers/inventory/stock.state.js';
import { OrderCancelled, OrderReady } from '../../../workers/orders/messages.js';
import { OrderShipped } from '../../../workers/shipping/messages.js';
import { placed } from '../../support/sample-order.js';
import { REMINDERS } from '../reminders.js';
import type { Customer } from './customer.js';
import { isStanding } from './dead-letter-statements.js';
import type { SimulatedFleet } from './simulated-fleet.js';
import type { Row } from './tables.js';

const total = placed.total.amount;

/** A dead letter that a run has asked for. */
export type Expected = (orderId: string, actor: string, code: string) => boolean;

/** What is wrong; nothing, in a sound fleet. */
export function faultsOf(
  fleet: SimulatedFleet,
  customers: readonly Customer[],
  expected: Expected,
  mugs: number,
): string[] {
  return [
    ...customers.flatMap((customer) => ofCustomer(fleet, customer)),
    ...ofStock(fleet, mugs),
    ...ofDelivery(fleet),
    ...ofTallies(fleet),
    ...ofDeadLetters(fleet, expected),
  ];
}

/** What is still under way. */
export function unrest({ servers }: SimulatedFleet, customers: readonly Customer[]): string[] {
  const { tables } = servers.database;
  const open = tables.all('orders').filter(({ status }) => status !== 'SHIPPED' && status !== 'CANCELLED');
  return [
    ...customers.filter(({ orderIds }) => orderIds.size === 0).map(({ reference }) => `${reference} has no answer`),
    ...open.map(({ reference, status }) => `${reference} is ${status}`),
    ...tables.all('outbox').map(({ id }) => `${tables.get('event_log', String(id))?.['type']} stands in the outbox`),
    ...tables.all('timers').map(({ type }) => `timer ${type} is set`),
    ...servers.broker.backlog.map(({ queue, count }) => `${count} in queue ${queue}`),
    ...(servers.database.quiet ? [] : ['a transaction is open']),
  ];
}

function ofCustomer({ servers, ports }: SimulatedFleet, { orderIds, plan, reference }: Customer): string[] {
  const { tables } = servers.database;
  const faults: string[] = [];
  const fault = (what: string): void => void faults.push(`${reference}: ${what}`);
  const stored = tables.all('orders').filter((order) => order['reference'] === reference);
  if (stored.length !== 1) fault(`${stored.length} orders are stored for one key`);
  for (const orderId of orderIds)
    if (tables.get('orders', orderId) === undefined) fault('an answered order is not stored');
  for (const { id, status } of stored) {
    const orderId = String(id);
    const shipped = status === 'SHIPPED';
    if (shipped && (plan.declined || plan.captureRefused || plan.shipmentRefused))
      fault('is shipped, which was refused');
    const { held, charged } = ports.provider.accountOf(orderId);
    if (held !== 0 || charged !== (shipped ? total : 0)) fault(`is ${status}: ${held} held, ${charged} charged`);
    const { made, active } = ports.carrier.labels.get(orderId) ?? { made: 0, active: 0 };
    if (made > 1 || active !== (shipped ? 1 : 0)) fault(`is ${status}: ${made} labels made, ${active} active`);
    const types = typesOf(tables.all('event_log'), orderId);
    const once = types.filter((type) => !REMINDERS.has(type));
    if (new Set(once).size !== once.length) fault(`something was published twice: ${once.join(' ')}`);
    if (types.includes(OrderShipped.name) !== shipped) fault(`is ${status}, and OrderShipped says otherwise`);
    if (types.includes(OrderCancelled.name) === shipped) fault(`is ${status}, and OrderCancelled says otherwise`);
    if (shipped && !types.includes(OrderReady.name)) fault('is shipped and was never ready');
    for (const [occasion, { name }] of Object.entries(EVENT_OF)) {
      if (ports.mailServer.messageIds.has(`${orderId}:${occasion}`) !== types.includes(name))
        fault(`mail: ${occasion}`);
    }
  }
  return faults;
}

function ofStock({ servers }: SimulatedFleet, mugs: number): string[] {
  const { tables } = servers.database;
  const shipped = tables.all('reservations').filter(({ status }) => status === 'shipped').length;
  const { on_hand, reserved, shipped: gone } = tables.get('stock_levels', stockId(placed.storefrontId, 'mug')) ?? {};
  const wanted = `${mugs - 2 * shipped} on hand, 0 reserved, ${2 * shipped} shipped`;
  const found = `${on_hand} on hand, ${reserved} reserved, ${gone} shipped`;
  return found === wanted ? [] : [`mugs: ${found}; wanted ${wanted}`];
}

/** Every message of the log was handled by every actor that is bound to it, or is filed. */
function ofDelivery({ servers, actors }: SimulatedFleet): string[] {
  const { tables } = servers.database;
  return tables.all('event_log').flatMap(({ id, type }) =>
    actors
      .filter(({ handlers }) => handlers.has(String(type)))
      .filter(
        ({ name }) =>
          tables.get('inbox', `${name} ${id}`) === undefined &&
          letterOf(tables.all('dead_letters'), name, id) === undefined,
      )
      .map(({ name }) => `${type} was never handled by ${name}`),
  );
}

/** What is not idempotent by itself was done once for each message. */
function ofTallies({ servers, actors }: SimulatedFleet): string[] {
  const { tables } = servers.database;
  const handlers = actors.find(({ name }) => name === 'tally')?.handlers;
  return tables.all('orders').flatMap(({ id, reference }) => {
    const told = tables
      .all('event_log')
      .filter((logged) => logged['correlation_id'] === id && handlers?.has(String(logged['type'])))
      .filter((logged) => letterOf(tables.all('dead_letters'), 'tally', logged['id']) === undefined).length;
    const count = Number(tables.get('tallies', String(id))?.['count'] ?? 0);
    const marks = tables.all('tally_marks').filter((mark) => mark['order_id'] === id).length;
    return count === told && marks === told
      ? []
      : [`${reference}: ${told} messages were counted ${count} times and marked ${marks} times`];
  });
}

function ofDeadLetters({ servers }: SimulatedFleet, expected: Expected): string[] {
  const letters = servers.database.tables.all('dead_letters');
  return letters
    .filter(
      ({ actor, correlation_id, error_code }) => !expected(String(correlation_id), String(actor), String(error_code)),
    )
    .map(
      ({ actor, type, error_code, error_message }) =>
        `a dead letter of ${actor}: ${type} ${error_code}: ${error_message}`,
    );
}

const letterOf = (letters: readonly Row[], actor: string, id: unknown): Row | undefined =>
  letters.find((letter) => letter['actor'] === actor && letter['message_id'] === id && isStanding(letter));

const typesOf = (log: readonly Row[], orderId: string): string[] =>
  log.filter((logged) => logged['correlation_id'] === orderId).map(({ type }) => String(type));
