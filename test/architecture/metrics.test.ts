import '../../api/metrics.js';
import '../../shared/observability/metrics.js';
import '../../shared/postgres/pool-load.js';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { register } from 'prom-client';
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
  before(async () => {
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
});

function labelsOf(name: string): readonly string[] {
  const metric = register.getSingleMetric(name) as { readonly labelNames?: readonly string[] } | undefined;
  return metric?.labelNames ?? [];
}
