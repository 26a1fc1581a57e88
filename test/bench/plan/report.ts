/** What a plan says: the need of each rate, what is full first, what is split then, and how far it can be trusted. Pure. */
import { shown } from '../quantities.js';
import type { KeptResult } from '../results.js';
import { EVENTS_AT_MOST, type ServerSize, SILENT_CONSUMER_S } from './assumptions.js';
import { type FleetPlan, planFor } from './fleet-plan.js';
import { type MeasuredCosts, measuredCosts } from './measured-costs.js';
import { predictions } from './prediction.js';
import { type Saturation, saturations, yearFills } from './saturation.js';
import { ORDERS_DRAWN, simulateSplit } from './split-simulation.js';
import { type Planned, planLines, predictionLines, saturationLines, whole } from './tables.js';

export interface Question {
  readonly rates: readonly number[];
  readonly utilisation: number;
  readonly server: ServerSize;
}

/**
 * @param kept results to plan from, the newest first
 * @throws {NothingMeasured}
 */
export function planReport({ rates, utilisation, server }: Question, kept: readonly KeptResult[]): string[] {
  const costs = measuredCosts(kept);
  const plans = rates.map((ordersPerSecond) => ({
    ordersPerSecond,
    plan: planFor({ ordersPerSecond, utilisation }, costs, server),
  }));
  const full = saturations(utilisation, costs, server);
  const checked = predictions(costs, kept);
  const paragraphs = [
    fittedLines(costs, utilisation),
    planLines(plans),
    saturationLines(full, costs.events),
    [firstFull(full), volumeLine(yearFills(costs, server), server)],
    plans.flatMap((plan) => splitLines(plan, costs, utilisation)),
    plans
      .filter(({ plan }) => plan.eventsPerSecond > EVENTS_AT_MOST)
      .map(
        ({ ordersPerSecond }) =>
          `${whole(ordersPerSecond)} orders/s are more than this plan is meant for: ${whole(EVENTS_AT_MOST)} events/s.`,
      ),
    checked.length > 0
      ? [`Checked against ${checked[0]?.path}:`, ...predictionLines(checked)]
      : ['Not checked against several processes of each worker: there is no result of the scenario processes.'],
  ];
  return paragraphs.filter((lines) => lines.length > 0).flatMap((lines, at) => (at === 0 ? lines : ['', ...lines]));
}

function fittedLines({ from, cpu, drainedPerSecond }: MeasuredCosts, utilisation: number): string[] {
  return [
    ...from.map((result, at) => `${at === 0 ? 'fitted from' : '       and'} ${result}`),
    `measured up to ${whole(drainedPerSecond)} orders/s, extrapolated beyond; cores as those of ${cpu}`,
    `processes and servers are busy to ${whole(utilisation * 100)} % of what they can do`,
  ];
}

/** What saturates first: among the processes, and, since those are easily added, among the servers. */
function firstFull(saturations: readonly Saturation[]): string {
  const said = (['process', 'server'] as const).flatMap((kind) => {
    const first = saturations.find((saturation) => saturation.kind === kind);
    return first === undefined ? [] : [`${first.part}, from ${whole(first.ordersPerSecond)} orders/s on`];
  });
  if (said.length === 0) return `Nothing saturates up to ${whole(EVENTS_AT_MOST)} events/s.`;
  return `What saturates first: ${said.join('; with more processes, ')}.`;
}

/** @param perSecond the mean of a year that fills it */
const volumeLine = (perSecond: number, { volumeGB }: ServerSize): string =>
  `A volume of ${whole(volumeGB)} GB is full after a year of ${whole(perSecond)} orders/s in the mean of days and nights: keep less, or split by storefront.`;

/** What has to be split at a rate, and how, with what the simulation says of it. */
function splitLines({ ordersPerSecond, plan }: Planned, costs: MeasuredCosts, utilisation: number): string[] {
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
          ...queues.slice(0, 1).flatMap(([actor, count]) => simulatedLines(actor, messages(actor), count, utilisation)),
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

function simulatedLines(actor: string, messagesPerSecond: number, queues: number, utilisation: number): string[] {
  const split = { queues, messagesPerSecond, utilisation, silentS: SILENT_CONSUMER_S };
  const { fullestAbove, delayedShare, longestWaitS, workedOffAfterS } = simulateSplit(split, SEED);
  const percent = (share: number): string => `${shown(share * 100)} %`;
  return [
    `  simulated: of ${whole(ORDERS_DRAWN)} orders the fullest queue of ${actor} gets ${percent(fullestAbove)} more than the mean;`,
    `  a consumer that is silent for ${SILENT_CONSUMER_S} s has ${percent(delayedShare)} of the messages wait, ${shown(longestWaitS)} s at worst, until ${shown(workedOffAfterS)} s after`,
  ];
}

/** Of the simulation. */
const SEED = 1;
