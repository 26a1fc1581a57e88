import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const SCRIPT = fileURLToPath(new URL('./simulate.js', import.meta.url));
/** In a process of its own: it puts its own time in the place of Node's. */
const run = (...args: string[]) => promisify(execFile)(process.execPath, [SCRIPT, ...args], { maxBuffer: 2 ** 26 });

const SECONDS = 10;

describe('the runtime, simulated', () => {
  it('comes right after whatever goes wrong, with seeds that nobody has tried', async function () {
    this.timeout((SECONDS + 50) * 1000);
    const { stdout } = await run('--seconds', String(SECONDS), '--seeds', '1000000').catch(({ stdout, stderr }) =>
      expect.fail(`${stdout}${stderr}`),
    );
    expect(stdout).to.match(/all came right/);
  });

  it('does the same whenever it is given the same seed', async () => {
    const [once, again] = await Promise.all([1, 2].map(() => run('--seed', '4711', '--seeds', '5', '--trace')));
    expect(once?.stdout.match(/^digest \w+$/gm)).to.have.length(5);
    expect(withoutTheReport(again?.stdout)).to.equal(withoutTheReport(once?.stdout));
  });

  it('is red for every defect that certification catches, within 300 seeds', async function () {
    this.timeout(180_000);
    const { stdout } = await run('--mutants', '--seed', '1', '--seeds', '300').catch(({ stdout, stderr }) =>
      expect.fail(`${stdout}${stderr}`),
    );
    expect(stdout).to.match(/^6 of 6 defects caught$/m);
  });
});

/** It tells how long the runs took. */
const withoutTheReport = (output = ''): string => output.slice(0, output.lastIndexOf('digest '));
