import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { benchJson } from './report.js';
import { keptResults, parseResult, RESULTS, saveResult } from './results.js';
import { TEST_ENVIRONMENT } from './test-environment.js';

const json = benchJson(TEST_ENVIRONMENT, [
  {
    scenario: 'drain',
    options: { orders: 10 },
    runs: [
      {
        figures: [
          { key: 'perSecond', title: 'drained', value: 500, unit: 'orders/s' },
          { key: 'memory', title: 'memory', value: Number.NaN, unit: 'MB' },
        ],
        checks: [],
      },
    ],
  },
]);

describe('the results of the bench', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warren-results-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are kept under the day and the scenarios, and none overwrites another', async () => {
    const paths = [await saveResult(json, folder), await saveResult(json, folder)];
    expect(paths.map((path) => basename(path))).to.deep.equal(['2026-01-02-drain.json', '2026-01-02-drain-2.json']);
    for (const path of paths) expect(parseResult(await readFile(path, 'utf8'))).to.deep.equal(JSON.parse(json));
  });

  it('are given with the newest first', async () => {
    await saveResult(json, folder);
    await saveResult(json.replaceAll('2026-01-02T', '2026-01-03T'), folder);
    expect((await keptResults(folder)).map(({ path }) => basename(path))).to.deep.equal([
      '2026-01-03-drain.json',
      '2026-01-02-drain.json',
    ]);
  });

  it('that this project keeps can all be read, did all of their work, and name no folder of the machine', async () => {
    const kept = await keptResults(RESULTS);
    expect(kept).not.to.be.empty;
    for (const { path, result } of kept) {
      expect(basename(path).slice(0, 10)).to.equal(result.environment.at.slice(0, 10));
      for (const { faults } of result.scenarios) expect(faults, path).to.deep.equal([]);
      expect(await readFile(path, 'utf8')).not.to.match(/"\/|(^|[ =])\/(home|root|tmp|usr|var|work)\//m);
    }
  });
});
