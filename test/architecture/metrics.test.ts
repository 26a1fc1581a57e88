import '../../api/metrics.js';
import '../../shared/observability/metrics.js';
import '../../shared/postgres/pool-load.js';
import '../../workers/webhooks/metrics.js';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { Histogram, register } from 'prom-client';
import { RULES } from '../../workers/scheduler/alerts/alert.js';
import { codeIn, rowsUnder } from '../support/markdown.js';

/** A metric as it is registered; `labelNames` is not among prom-client's types. */
interface Registered {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

describe('the metrics', () => {
  let registered: Registered[];
  let alerts: string;
  let dashboard: string;
  before(async () => {
    [alerts, dashboard] = await Promise.all([
      readFile('config/prometheus/alerts.yml', 'utf8'),
      readFile('config/grafana/dashboards/warren.json', 'utf8'),
    ]);
    registered = (await register.getMetricsAsJSON())
      .filter(({ name }) => name.startsWith('warren_'))
      .map(({ name, help, type }) => ({ name, help, type: String(type), labels: labelsOf(name) }));
    expect(registered.length).to.be.greaterThan(20);
  });

  it('stand in the documentation with type, labels, unit and meaning, and no other does', async () => {
    const rows = rowsUnder(await readFile('docs/metrics.md', 'utf8'), '## Tables');
    const documented = rows.map(([name = '', type, labels = '', unit, help]) => ({
      name: codeIn(name)[0],
      type,
      labels: codeIn(labels),
      help,
      inSeconds: unit === 'seconds',
    }));
    expect(documented).to.have.deep.members(
      registered.map(({ name, type, labels, help }) => ({
        name,
        type,
        labels,
        help,
        inSeconds: name.endsWith('_seconds'),
      })),
    );
  });

  it('are what alerts and dashboard ask for, with labels that they have', () => {
    const expressions = [...expressionsOfAlerts(alerts), ...expressionsOfDashboard(dashboard)];
    expect(expressions.length).to.be.greaterThan(40);
    expect(expressions.flatMap(unknownIn)).to.deep.equal([]);
  });

  it('are told from misspelt ones, and from labels that they do not have', () => {
    expect(unknownIn('max by (queue) (warren_queue_lags_seconds) > 1')).to.deep.equal([
      'warren_queue_lags_seconds',
      'by queue',
    ]);
    expect(unknownIn('rate(warren_messages_settled_total{outcom="done"}[1m])')).to.deep.equal([
      'outcom of warren_messages_settled_total',
    ]);
    expect(unknownIn('sum by (actors) (warren_messages_in_flight)')).to.deep.equal(['by actors']);
    expect(unknownIn('rate(warren_messages_in_flight_count[1m])')).to.deep.equal(['warren_messages_in_flight_count']);
  });

  it('lead to alerts that the documentation tells of, and to no other', async () => {
    const rows = rowsUnder(await readFile('docs/metrics.md', 'utf8'), '## Alerts by Prometheus');
    const named = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(rows.map(([name = '']) => codeIn(name)[0])).to.deep.equal(named);
  });

  it('have alerts without Prometheus, each documented with how long it has to be bad and well', async () => {
    const rows = rowsUnder(await readFile('docs/metrics.md', 'utf8'), '## Alerts without Prometheus');
    expect(
      rows.map(([rule = '', , raiseAfter, , resolveAfter]) => [codeIn(rule)[0], raiseAfter, resolveAfter]),
    ).to.deep.equal(
      Object.entries(RULES).map(([rule, { raiseAfterMs, resolveAfterMs }]) => [
        rule,
        `${raiseAfterMs / 1000} s`,
        `${resolveAfterMs / 1000} s`,
      ]),
    );
  });

  describe('as promtool sees what is asked of them', () => {
    // A run has no pending tests: where promtool is missing there are none, and it is said aloud.
    if (spawnSync('promtool', ['--version']).error !== undefined) {
      process.stderr.write('promtool is not installed: it has checked neither alerts.yml nor prometheus.yml\n');
      return;
    }
    for (const [what, ...args] of [
      ['rules that Prometheus can read', 'check', 'rules', 'config/prometheus/alerts.yml'],
      ['a configuration that Prometheus can read', 'check', 'config', 'config/prometheus/prometheus.yml'],
      ['alerts when they are due, and not before', 'test', 'rules', 'config/prometheus/alerts.test.yml'],
    ] as const) {
      it(`are ${what}`, () => {
        const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
        expect(status, stdout + stderr).to.equal(0);
      });
    }
  });
});

const expressionsOfAlerts = (text: string): string[] =>
  [...text.matchAll(/^ +expr: (.+)$/gm)].flatMap(([, expression]) => expression ?? []);

function expressionsOfDashboard(text: string): string[] {
  const { panels }: { panels: { targets?: { expr: string }[] }[] } = JSON.parse(text);
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** Labels that a scrape gives to every metric. */
const OF_TARGETS = ['job', 'instance', 'process', 'le'];

/** What an expression asks for and nobody tells: metrics, their labels, and labels it groups by. */
function unknownIn(expression: string): string[] {
  const unknown: string[] = [];
  const grouping = new Set(OF_TARGETS);
  for (const [, name = '', matchers = ''] of expression.matchAll(
    /\b((?:warren|nodejs|process)_\w+)\b(?:\{([^}]*)\})?/g,
  )) {
    const base = nameOf(name);
    if (base === undefined) {
      unknown.push(name);
      continue;
    }
    for (const label of labelsOf(base)) grouping.add(label);
    const asked = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label]) => label ?? []);
    const known = [...labelsOf(base), ...OF_TARGETS];
    unknown.push(...asked.filter((label) => !known.includes(label)).map((label) => `${label} of ${name}`));
  }
  for (const [, labels = ''] of expression.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of labels.split(',')) if (!grouping.has(label.trim())) unknown.push(`by ${label.trim()}`);
  return unknown;
}

/** The metric that has such samples: a histogram has three kinds. */
function nameOf(sample: string): string | undefined {
  if (register.getSingleMetric(sample) !== undefined) return sample;
  const base = sample.replace(/_(bucket|sum|count)$/, '');
  return register.getSingleMetric(base) instanceof Histogram ? base : undefined;
}

function labelsOf(name: string): readonly string[] {
  const metric = register.getSingleMetric(name) as { readonly labelNames?: readonly string[] } | undefined;
  return metric?.labelNames ?? [];
}
