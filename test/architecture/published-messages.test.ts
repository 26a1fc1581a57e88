import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { breaksOf } from '../../api/reference/compatibility.js';
import { type Json, plain } from '../../api/reference/components.js';
import type { Contract } from '../../shared/messaging/contract.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';

/** By name and version, every schema that was ever published. */
type Published = Readonly<Record<string, Readonly<Record<string, Json>>>>;

const FILE = 'docs/contracts/messages.json';

describe('the published messages', () => {
  let published: Published;
  let contracts: readonly Contract[];

  before(async () => {
    contracts = (await loadWorkers(await workerNames())).flatMap((worker) => worker.contracts);
    published = JSON.parse(await readFile(FILE, 'utf8').catch(() => '{}'));
  });

  it('break nobody who reads them, but as a new version with an upcaster from the one before', () => {
    for (const { name, version, schema } of contracts) {
      const before = published[name]?.[version];
      if (before === undefined) continue;
      const advice = `make it version ${version + 1}, with an upcaster from ${version}`;
      // Those of this release read what others wrote, and the other way round: event logs and queues outlive releases.
      const breaks = (['sent', 'answered'] as const).flatMap((way) => breaksOf(before, plain(schema), way));
      expect([...new Set(breaks)], `${name} version ${version} is published; ${advice}`).to.deep.equal([]);
    }
  });

  it('are all still there, and none goes back to an older version', () => {
    for (const [name, versions] of Object.entries(published)) {
      const contract = contracts.find((one) => one.name === name);
      const newest = Math.max(...Object.keys(versions).map(Number));
      expect(contract?.version, `${name} is published`).to.be.at.least(newest);
    }
  });

  /** What grew is noted by CONTRACTS=publish; what broke fails above whatever is noted. */
  it(`stand in ${FILE} as they are`, async function () {
    const known = Object.fromEntries(
      contracts.map(({ name, version, schema }) => [name, { ...published[name], [version]: plain(schema) }]),
    );
    if (process.env['CONTRACTS'] === 'publish' && !this.test?.parent?.tests.some(({ state }) => state === 'failed'))
      await writeFile(FILE, `${JSON.stringify(known, null, 2)}\n`);
    else expect(published, 'run: npm run contracts').to.deep.equal(known);
  });
});
