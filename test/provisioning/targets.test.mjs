import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fleetParts, portNames } from '../../scripts/fleet/parts.mjs';
import { writeTargets } from '../../scripts/fleet/targets.mjs';

describe('the targets of a Prometheus', () => {
  /** @type {string} */
  let home;
  before(() => {
    home = mkdtempSync(join(tmpdir(), 'warren-targets-'));
  });
  after(() => rmSync(home, { recursive: true }));

  it('are all processes of the fleet, each where it answers, and nothing of the sandbox', () => {
    const counts = new Map([
      ['web', 1],
      ['payment', 2],
    ]);
    const names = portNames(counts);
    const ports = Object.fromEntries(names.map((name, at) => [name, 30_000 + at]));
    const parts = fleetParts({ root: '.', home, commands: new Map(), counts, port: 8080, ports, environment: {} });
    writeTargets(home, parts);
    const written = JSON.parse(readFileSync(join(home, 'prometheus', 'targets.json'), 'utf8'));
    const workers = names.filter((name) => name.startsWith('payment'));
    expect(workers).to.have.length(2);
    expect(written).to.deep.equal([
      { targets: ['127.0.0.1:8080'], labels: { process: 'web' } },
      ...workers.map((name) => ({ targets: [`127.0.0.1:${ports[name]}`], labels: { process: name } })),
    ]);
  });
});
