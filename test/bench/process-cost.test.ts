import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { until } from '../support/until.js';
import { cpuSecondsOf, parseStat, peakResidentBytes, residentBytes } from './process-cost.js';

/** Uses three tenths of a second of CPU time, and then waits to be ended. */
const WORK = 'while (process.cpuUsage().user < 300_000); setInterval(() => {}, 1000)';

describe('what a process costs', () => {
  it('is read though its name holds blanks and brackets', () => {
    const stat = '42 (a) b (c) S 7 42 42 0 -1 4194304 100 200 0 0 150 50 20 5 20 0 1 0 123 456 789';
    expect(parseStat(stat)).to.deep.equal({ parent: 7, cpuSeconds: 2.25 });
  });

  // Only Linux accounts for it in a way that is read here.
  if (process.platform === 'linux') {
    it('is its own CPU time and that of its children, but not of a child that is a part of its own', async () => {
      const child = spawn(process.execPath, ['-e', WORK], { stdio: 'ignore' });
      try {
        const { pid = 0 } = child;
        const spent = await until('the child has worked', () => {
          const seconds = cpuSecondsOf(new Map([['child', pid]])).get('child') ?? 0;
          return seconds >= 0.25 && seconds;
        });
        const alone =
          cpuSecondsOf(
            new Map([
              ['test', process.pid],
              ['child', pid],
            ]),
          ).get('test') ?? 0;
        const together = cpuSecondsOf(new Map([['test', process.pid]])).get('test') ?? 0;
        expect(together - alone).to.be.within(spent - 0.05, spent + 0.5);
      } finally {
        child.kill();
        await once(child, 'exit');
      }
    });

    it('is the memory it takes now, and at least that at its peak', () => {
      const { rss } = process.memoryUsage();
      expect(residentBytes(process.pid)).to.be.within(rss * 0.9, rss * 1.1);
      expect(peakResidentBytes(process.pid)).to.be.at.least(rss * 0.95);
    });
  }

  it('is nothing for a process that is gone', () => {
    expect(cpuSecondsOf(new Map([['gone', 2 ** 22 + 1]])).get('gone')).to.equal(0);
    expect(peakResidentBytes(2 ** 22 + 1)).to.equal(undefined);
    expect(residentBytes(2 ** 22 + 1)).to.equal(undefined);
  });
});
