/**
 * `tracing`: what it costs to trace a tenth of the orders. The drain without it, with it, with it and without it.
 */

import { sampler } from '../../shared/observability/sampling.js';
import { Database } from '../../shared/postgres/database.js';
import { OtlpReceiver } from '../support/otlp-receiver.js';
import { drain, drainWith } from './drain.js';
import { inTurn, turnsOf } from './in-turn.js';
import { mean } from './quantities.js';
import type { BenchContext, Scenario, ScenarioResult } from './scenario.js';

const RATIO = 0.1;
/** Of the speed without. */
const SPEED_AT_LEAST = 0.95;

export const tracing: Scenario = {
  name: 'tracing',
  summary: `how fast the fleet drains while ${RATIO * 100} % of the orders are traced, to how fast without`,
  limitMs: (options) => turnsOf(2) * drain.limitMs(options),
  async run(context) {
    const traced = { name: `with traces of ${RATIO * 100} % of the orders`, run: () => drainTraced(context) };
    const plain = { name: 'without traces', run: () => drainWith(context) };
    const { plainPerSecond, others, checks } = await inTurn(context, plain, [traced, traced]);
    const tracedPerSecond = mean(others.map(({ perSecond }) => perSecond));
    return {
      figures: [
        { key: 'untracedPerSecond', title: 'drained without traces', value: plainPerSecond, unit: 'orders/s' },
        { key: 'tracedPerSecond', title: `drained, ${RATIO * 100} % traced`, value: tracedPerSecond, unit: 'orders/s' },
        {
          key: 'tracedToUntraced',
          title: 'with traces, to without',
          value: tracedPerSecond / plainPerSecond,
          unit: '',
          target: { atLeast: SPEED_AT_LEAST },
        },
        ...(others[0]?.result.figures ?? []).filter(({ key }) => key === SPANS),
      ],
      checks,
    };
  },
};

const SPANS = 'spansPerOrder';

async function drainTraced(context: BenchContext): Promise<ScenarioResult> {
  const receiver = await OtlpReceiver.start();
  try {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: String(RATIO) };
    const drained = await drainWith(context, { environment });
    const sampled = await sampledOrders(context.servers.urls.DATABASE_URL);
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
