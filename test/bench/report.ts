/** Tables and JSON of what was measured. Pure. */
import { tableLines } from '../../scripts/table.js';
import type { BenchEnvironment } from './environment.js';
import { median, shown } from './quantities.js';
import type { Figure, ScenarioResult } from './scenario.js';

/** A scenario with the results of all its runs. */
export interface Measured {
  readonly scenario: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** At least one. */
  readonly runs: readonly ScenarioResult[];
}

export function environmentLines(environment: BenchEnvironment): string[] {
  const { cpu, cores, memoryGiB, system, node, postgres, rabbitmq, redis, commit, at } = environment;
  const tuned = Object.entries(environment.tuning).map(([name, value]) => `${name}=${value}`);
  return [
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}`,
    `Node ${node}, PostgreSQL ${postgres}, RabbitMQ ${rabbitmq}, Redis ${redis}, commit ${commit}, ${at}`,
    ...(tuned.length > 0 ? [`not as declared: ${tuned.join(' ')}`] : []),
  ];
}

/** With several runs the median, and between which values it lies. */
export function measuredLines({ scenario, runs }: Measured): string[] {
  const several = runs.length > 1;
  const spread = (values: readonly number[]): string[] =>
    several ? [`${shown(Math.min(...values))}–${shown(Math.max(...values))}`] : [];
  return [
    ...tableLines([
      [scenario.toUpperCase(), several ? 'MEDIAN' : 'VALUE', ...(several ? ['SPREAD'] : []), 'UNIT', 'TARGET'],
      ...figuresOf(runs).map(({ figure, values }) => [
        figure.title,
        shown(median(values)),
        ...spread(values),
        figure.unit,
        targetCell(figure, median(values)),
      ]),
    ]),
    ...faultsOf(runs).map((fault) => `✗ ${fault}`),
  ];
}

/** What was not as it must be after a run. */
export function faultsOf(runs: readonly ScenarioResult[]): string[] {
  return runs.flatMap(({ checks }, run) =>
    checks
      .filter(({ expected, found }) => found !== expected)
      .map(({ what, expected, found }) => `run ${run + 1}: ${what}: ${found} instead of ${expected}`),
  );
}

/** Everything measured, for programs. `figures` are medians by key. */
export function benchJson(environment: BenchEnvironment, measured: readonly Measured[]): string {
  return JSON.stringify({
    environment,
    scenarios: measured.map(({ scenario, options, runs }) => ({
      scenario,
      options,
      figures: Object.fromEntries(figuresOf(runs).map(({ figure, values }) => [figure.key, rounded(median(values))])),
      runs: runs.map(({ figures }) => Object.fromEntries(figures.map(({ key, value }) => [key, rounded(value)]))),
      faults: faultsOf(runs),
    })),
  });
}

/** Every figure of the first run, with its values in all runs. */
function figuresOf(runs: readonly ScenarioResult[]): { readonly figure: Figure; readonly values: readonly number[] }[] {
  return (runs[0]?.figures ?? []).map((figure) => ({
    figure,
    values: runs.flatMap(({ figures }) => figures.filter(({ key }) => key === figure.key).map(({ value }) => value)),
  }));
}

function targetCell({ target }: Figure, value: number): string {
  if (target === undefined) return '';
  if ('atLeast' in target) return `≥ ${target.atLeast} ${value >= target.atLeast ? '✓' : 'MISSED'}`;
  return `≤ ${target.atMost} ${value <= target.atMost ? '✓' : 'MISSED'}`;
}

/** NaN, for what cannot be measured here, becomes null. */
const rounded = (value: number): number => Number(value.toPrecision(6));
