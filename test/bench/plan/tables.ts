/** Tables of a plan. Pure. */
import { tableLines } from '../../../scripts/table.js';
import { shown } from '../quantities.js';
import type { FleetPlan } from './fleet-plan.js';
import type { Prediction } from './prediction.js';
import type { Saturation } from './saturation.js';

export interface Planned {
  readonly ordersPerSecond: number;
  readonly plan: FleetPlan;
}

/** A column a rate. */
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
    row('  cores of each, to have', ({ postgres }) => whole(postgres.coresOfEach)),
    row('  write-ahead log, MB/s', ({ postgres }) => shown(postgres.walMBPerSecond)),
    row('  transactions/s', ({ postgres }) => whole(postgres.transactionsPerSecond)),
    row('  connections', ({ postgres }) => whole(postgres.connections)),
    row('  growth in a whole day, GB', ({ postgres }) => shown(postgres.growthGBADay)),
    row('  after a year day and night, GB', ({ postgres }) => whole(postgres.afterAYearGB)),
    row('RabbitMQ, nodes that lead', ({ rabbitmq }) => whole(rabbitmq.servers)),
    row('  cores, busy', ({ rabbitmq }) => shown(rabbitmq.cores)),
    row('  cores of each, to have', ({ rabbitmq }) => whole(rabbitmq.coresOfEach)),
    row('  deliveries/s', ({ rabbitmq }) => whole(rabbitmq.deliveriesPerSecond)),
    row('  connections', ({ rabbitmq }) => whole(rabbitmq.connections)),
    row('  queues of the actors', ({ rabbitmq }) => whole([...rabbitmq.queues.values()].reduce((a, b) => a + b, 0))),
    row('Redis, servers', ({ redis }) => whole(redis.servers)),
    row('  cores, busy', ({ redis }) => shown(redis.cores)),
    row('  commands/s', ({ redis }) => whole(redis.commandsPerSecond)),
    row('  connections', ({ redis }) => whole(redis.connections)),
  ]);
}

/** The first to be full first. */
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

/** A row a number of processes; speeds, and since the machine's own changes between hours, speeds to that with one. */
export function predictionLines(predictions: readonly Prediction[]): string[] {
  const one = predictions.find(({ processes }) => processes === 1);
  const toOne = (of: 'predictedPerSecond' | 'measuredPerSecond', prediction: Prediction): string =>
    shown(prediction[of] / (one?.[of] ?? Number.NaN));
  return tableLines([
    ['PROCESSES A WORKER', 'PREDICTED', 'MEASURED', 'OFF BY', 'PREDICTED TO ONE', 'MEASURED TO ONE'],
    ...predictions.map((prediction) => [
      String(prediction.processes),
      whole(prediction.predictedPerSecond),
      whole(prediction.measuredPerSecond),
      `${shown((prediction.predictedPerSecond / prediction.measuredPerSecond - 1) * 100)} %`,
      toOne('predictedPerSecond', prediction),
      toOne('measuredPerSecond', prediction),
    ]),
  ]);
}

/** A whole number as it is shown. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
