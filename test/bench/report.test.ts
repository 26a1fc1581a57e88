import { expect } from 'chai';
import { median } from './quantities.js';
import { benchJson, measuredLines } from './report.js';
import type { ScenarioResult } from './scenario.js';
import { TEST_ENVIRONMENT } from './test-environment.js';

const run = (speed: number, found = 10): ScenarioResult => ({
  figures: [
    { key: 'perSecond', title: 'drained', value: speed, unit: 'orders/s', target: { atLeast: 600 } },
    { key: 'memory', title: 'memory', value: Number.NaN, unit: 'MB' },
  ],
  checks: [{ what: 'orders', expected: 10, found }],
});
const measured = (...runs: ScenarioResult[]) => ({ scenario: 'drain', options: { orders: 10 }, runs });

describe('the report of a bench', () => {
  it('shows the median of several runs with its spread, and whether the target is met', () => {
    const lines = measuredLines(measured(run(500), run(700), run(650)));
    expect(lines.find((line) => line.startsWith('drained'))).to.match(/650 +500–700 +orders\/s +≥ 600 ✓$/);
    expect(measuredLines(measured(run(599))).find((line) => line.startsWith('drained'))).to.match(/599 .* MISSED$/);
  });

  it('names the work that was not done', () => {
    expect(measuredLines(measured(run(700), run(900, 9))).at(-1)).to.equal('✗ run 2: orders: 9 instead of 10');
  });

  it('gives programs the medians and every run, and null for what cannot be measured', () => {
    const { scenarios } = JSON.parse(benchJson(TEST_ENVIRONMENT, [measured(run(500), run(700))]));
    expect(scenarios).to.deep.equal([
      {
        scenario: 'drain',
        options: { orders: 10 },
        figures: { perSecond: 600, memory: null },
        runs: [
          { perSecond: 500, memory: null },
          { perSecond: 700, memory: null },
        ],
        faults: [],
      },
    ]);
  });
});

describe('the median', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).to.equal(2);
    expect(median([4, 1, 2, 3])).to.equal(2.5);
  });
});
