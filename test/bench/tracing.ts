/**
 * `tracing`: what it costs to trace a tenth of the orders. The drain without it, with it, with it and without it, so that a
 * machine that grows slower or faster meanwhile does so for both.
 */

import { sampler } from '../../shared/observability/sampling.js';
import { Database } from '../../shared/postgres/database.js';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { drain, drainWith } from './drain.js';
import type { BenchContext, Scenario, ScenarioResult } from './scenario.js';

const RATIO = 0.1;
/** Of the speed without. */
const SPEED_AT_LEAST = 0.95;

export const tracing: Scenario = {
  name: 'tracing',
  summary: `how fast the fleet drains while ${RATIO * 100} % of the orders are traced, to how fast without`,
  limitMs: (options) => 4 * drain.limitMs(options),
  async run(context) {
    const before = await drainWith(context);
    const first = await drainTraced(context);
    const second = await drainTraced(context);
    await context.servers.startEmpty();
    const after = await drainWith(context);
    const off = (speedOf(before) + speedOf(after)) / 2;
    const on = (speedOf(first) + speedOf(second)) / 2;
    return {
      figures: [
        { key: 'untracedPerSecond', title: 'drained without traces', value: off, unit: 'orders/s' },
        { key: 'tracedPerSecond', title: `drained, ${RATIO * 100} % traced`, value: on, unit: 'orders/s' },
        {
          key: 'tracedToUntraced',
          title: 'with traces, to without',
          value: on / off,
          unit: '',
          target: { atLeast: SPEED_AT_LEAST },
        },
        ...first.figures.filter(({ key }) => key === SPANS),
      ],
      checks: [before, first, second, after].flatMap(({ checks }) => checks),
    };
  },
};

const SPANS = 'spansPerOrder';

async function drainTraced(context: BenchContext): Promise<ScenarioResult> {
  const { servers, say } = context;
  await servers.startEmpty();
  const receiver = await OtlpReceiver.start();
  try {
    say(`with traces of ${RATIO * 100} % of the orders`);
    const drained = await drainWith(context, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER_ARG: String(RATIO),
    });
    const sampled = await sampledOrders(servers.urls.DATABASE_URL);
    const spans = new Map<string, number>();
    for (const { traceId } of receiver.spans) spans.set(traceId, (spans.get(traceId) ?? 0) + 1);
    const missing = sampled.filter((id) => !spans.has(id)).length;
    const theirs = sampled.reduce((sum, id) => sum + (spans.get(id) ?? 0), 0);
    return {
      figures: [
        ...drained.figures,
        { key: SPANS, title: 'spans of a traced order', value: theirs / sampled.length, unit: '' },
      ],
      checks: [...drained.checks, { what: 'sampled orders without a trace', expected: 0, found: missing }],
    };
  } finally {
    await receiver.close();
  }
}

const speedOf = ({ figures }: ScenarioResult): number =>
  figures.find(({ key }) => key === 'shippedPerSecond')?.value ?? Number.NaN;

/** Their trace ids, which are their own without the dashes. */
async function sampledOrders(url: string): Promise<string[]> {
  const database = new Database({ url, connections: 1, applicationName: 'warren bench' });
  try {
    const { rows } = await database.query<{ id: string }>({ text: 'select id from orders' });
    return rows
      .map(({ id }) => id)
      .filter(sampler(RATIO))
      .map((id) => id.replaceAll('-', ''));
  } finally {
    await database.close();
  }
}
