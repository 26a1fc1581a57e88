import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { blocksIn } from '../../support/markdown.js';
import { newestFirst, readResult } from '../results.js';
import { SERVER } from './assumptions.js';
import { planReport } from './report.js';
import { resultOf } from './test-results.js';

const question = { rates: [100], utilisation: 0.6, server: SERVER };

describe('what a plan says', () => {
  it('names the results it was fitted from and the rates up to which that holds', () => {
    const lines = planReport(question, [resultOf('drain'), resultOf('idle')]);
    expect(lines.slice(0, 3)).to.deep.equal([
      'fitted from drain.json at 600 orders/s, 2 lines an order',
      '       and idle.json at rest',
      'measured up to 600 orders/s, extrapolated beyond; cores as those of a CPU',
    ]);
  });

  it('names what saturates first, of processes and of servers', () => {
    expect(planReport(question, [resultOf('drain')])).to.include(
      'What saturates first: one process of email, from 1,500 orders/s on; with more processes, the queue orders, from 3,000 orders/s on.',
    );
  });

  it('says how far it is off where several processes were measured, and that it was not checked where not', () => {
    expect(planReport(question, [resultOf('drain'), resultOf('processes')]).at(-1)).to.match(
      /^4 +600 +550 +9\.09 % +1\.00 +0\.92$/,
    );
    expect(planReport(question, [resultOf('drain')]).at(-1)).to.match(/^Not checked/);
  });

  it('says so when more is asked than it is meant for', () => {
    const text = planReport({ ...question, rates: [20_000] }, [resultOf('drain')]).join('\n');
    expect(text).to.include('20,000 orders/s are more than this plan is meant for: 100,000 events/s.');
  });

  it('is what docs/scaling.md shows, from the results that it names there', async () => {
    const [shown = ''] = blocksIn(await readFile('docs/scaling.md', 'utf8'), 'text');
    const [command = '', ...lines] = shown.trimEnd().split('\n');
    const rates = command.split(' ').at(-1)?.split(',').map(Number) ?? [];
    const named = [
      ...shown.matchAll(/^(?:fitted from| +and) (\S+) at/gm),
      ...shown.matchAll(/^Checked against (\S+):/gm),
    ];
    const files = new Set(named.map(([, file = '']) => file));
    const kept = newestFirst(await Promise.all([...files].map(readResult)));
    expect(planReport({ ...question, rates }, kept)).to.deep.equal(lines);
  });
});
