/** The plan as a table with a column a rate, and what it says in words. Pure. */
import { tableLines } from '../../../scripts/table.js';
import { shown } from '../quantities.js';
import { type ServerSize, SILENT_CONSUMER_S } from './assumptions.js';
import type { FleetPlan } from './fleet-plan.js';
import type { MeasuredCosts } from './measured-costs.js';
import type { Prediction } from './prediction.js';
import type { Saturation } from './saturation.js';
import { simulateSplit } from './split-simulation.js';

export interface Planned {
  readonly ordersPerSecond: number;
  readonly plan: FleetPlan;
}

const SEED = 1;

export function fittedLines({ from, cpu, drainedPerSecond }: MeasuredCosts, utilisation: number): string[] {
  return [
    ...from.map((result, at) => `${at === 0 ? 'fitted from' : '       and'} ${result}`),
    `measured up to ${whole(drainedPerSecond)} orders/s, extrapolated beyond; cores as those of ${cpu}`,
    `processes and servers are busy to ${whole(utilisation * 100)} % of what they can do`,
  ];
}

export function planLines(planned: readonly Planned[]): string[] {
  const row = (title: string, value: (plan: FleetPlan) => string): string[] => [
    title,
    ...planned.map(({ plan }) => value(plan)),
  ];
  const [first] = planned;
  const names = first?.plan.processes.map(({ name }) => name) ?? [];
  const total = (of: 'count' | 'cores' | 'memoryMB', { processes }: FleetPlan): number =>
    processes.reduce((sum, process) => sum + process[of], 0);
  return tableLines([
    ['ORDERS/S', ...planned.map(({ ordersPerSecond }) => whole(ordersPerSecond))],
    row('events/s', (plan) => whole(plan.eventsPerSecond)),
    ...names.map((name) =>
      row(`processes, ${name}`, ({ processes }) =>
        whole(processes.find((process) => process.name === name)?.count ?? Number.NaN),
      ),
    ),
    row('processes, all', (plan) => whole(total('count', plan))),
    row('  their cores, busy', (plan) => shown(total('cores', plan))),
    row('  their memory, GB', (plan) => shown(total('memoryMB', plan) / 1000)),
    row('PostgreSQL, servers', ({ postgres }) => whole(postgres.servers)),
    row('  cores, busy', ({ postgres }) => shown(postgres.cores)),
    row('  write-ahead log, MB/s', ({ postgres }) => shown(postgres.walMBPerSecond)),
    row('  transactions/s', ({ postgres }) => whole(postgres.transactionsPerSecond)),
    row('  connections', ({ postgres }) => whole(postgres.connections)),
    row('  growth in a whole day, GB', ({ postgres }) => shown(postgres.growthGBADay)),
    row('  after a year day and night, GB', ({ postgres }) => whole(postgres.afterAYearGB)),
    row('RabbitMQ, nodes that lead', ({ rabbitmq }) => whole(rabbitmq.servers)),
    row('  cores, busy', ({ rabbitmq }) => shown(rabbitmq.cores)),
    row('  deliveries/s', ({ rabbitmq }) => whole(rabbitmq.deliveriesPerSecond)),
    row('  connections', ({ rabbitmq }) => whole(rabbitmq.connections)),
    row('  queues of the actors', ({ rabbitmq }) => whole([...rabbitmq.queues.values()].reduce((a, b) => a + b, 0))),
    row('Redis, servers', ({ redis }) => whole(redis.servers)),
    row('  cores, busy', ({ redis }) => shown(redis.cores)),
    row('  commands/s', ({ redis }) => whole(redis.commandsPerSecond)),
    row('  connections', ({ redis }) => whole(redis.connections)),
  ]);
}

export function saturationLines(saturations: readonly Saturation[], eventsPerOrder: number): string[] {
  return tableLines([
    ['WITH ONE OF EACH, FULL IS', 'FROM ORDERS/S', 'EVENTS/S'],
    ...saturations.map(({ part, remedy, ordersPerSecond }) => [
      `${part}: ${remedy}`,
      whole(ordersPerSecond),
      whole(ordersPerSecond * eventsPerOrder),
    ]),
  ]);
}

/** What saturates first: among the processes, and, since those are easily added, among the servers. */
export function firstFull(saturations: readonly Saturation[]): string {
  const said = (['process', 'server'] as const).flatMap((kind) => {
    const first = saturations.find((saturation) => saturation.kind === kind);
    return first === undefined ? [] : [`${first.part}, from ${whole(first.ordersPerSecond)} orders/s on`];
  });
  if (said.length === 0) return 'Nothing saturates up to 100,000 events/s.';
  return `What saturates first: ${said.join('; with more processes, ')}.`;
}

/** @param perSecond the mean of a year that fills it */
export const volumeLine = (perSecond: number, { volumeGB }: ServerSize): string =>
  `A volume of ${whole(volumeGB)} GB is full after a year of ${whole(perSecond)} orders/s in the mean of days and nights: keep less, or split by storefront.`;

/** What has to be split at a rate, and how, with what the simulation says of it. */
export function splitLines({ ordersPerSecond, plan }: Planned, costs: MeasuredCosts, utilisation: number): string[] {
  const { postgres, rabbitmq, redis } = plan;
  const messages = (actor: string): number => (costs.deliveries.get(actor) ?? 0) * ordersPerSecond;
  const queues = [...rabbitmq.queues].filter(([, count]) => count > 1).sort(([a], [b]) => messages(b) - messages(a));
  const lines = [
    ...(smallEnough(plan, utilisation)
      ? ['one process for all workers will do: web and fleet (which is not measured)']
      : []),
    ...(queues.length > 0
      ? [
          `by consistent hash of the order id, one active consumer each: ${queues.map(([actor, count]) => `${count} queues of ${actor}`).join(', ')}`,
          ...queues
            .slice(0, 1)
            .map(([actor, count]) => `  ${actor}, simulated: ${simulated(messages(actor), count, utilisation)}`),
        ]
      : []),
    ...(rabbitmq.servers > 1
      ? [`RabbitMQ becomes a cluster whose exchanges and queues ${rabbitmq.servers} nodes lead`]
      : []),
    ...(postgres.servers > 1
      ? [`PostgreSQL becomes ${postgres.servers} servers, each with its share of the storefronts`]
      : []),
    ...(redis.servers > 1 ? [`Redis becomes ${redis.servers} servers, each for some of the workers`] : []),
  ];
  return lines.length === 0 ? [] : [`At ${whole(ordersPerSecond)} orders/s:`, ...lines.map((line) => `  ${line}`)];
}

/** All workers together would have one core busy to less than that. */
const smallEnough = ({ processes }: FleetPlan, utilisation: number): boolean =>
  processes.filter(({ name }) => name !== 'web').reduce((sum, { cores }) => sum + cores, 0) <= utilisation;

function simulated(messagesPerSecond: number, queues: number, utilisation: number): string {
  const split = { queues, messagesPerSecond, utilisation, silentS: SILENT_CONSUMER_S };
  const { fullestAbove, delayedShare, longestWaitS, workedOffAfterS } = simulateSplit(split, SEED);
  const percent = (share: number): string => `${shown(share * 100)} %`;
  return (
    `the fullest has ${percent(fullestAbove)} more than the mean; when a consumer falls silent for ${SILENT_CONSUMER_S} s, ` +
    `${percent(delayedShare)} of the messages wait, up to ${shown(longestWaitS)} s, until ${shown(workedOffAfterS)} s after`
  );
}

export function predictionLines(predictions: readonly Prediction[]): string[] {
  const [first] = predictions;
  if (first === undefined)
    return ['Not checked against several processes of each worker: there is no result of the scenario processes.'];
  return [
    `Checked against ${first.path}:`,
    ...tableLines([
      ['PROCESSES A WORKER', 'PREDICTED', 'MEASURED', 'OFF BY'],
      ...predictions.map(({ processes, predictedPerSecond, measuredPerSecond }) => [
        String(processes),
        whole(predictedPerSecond),
        whole(measuredPerSecond),
        `${shown((predictedPerSecond / measuredPerSecond - 1) * 100)} %`,
      ]),
    ]),
  ];
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
