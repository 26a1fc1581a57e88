import { expect } from 'chai';
import { inTurn, turnsOf } from './in-turn.js';
import type { ScenarioResult } from './scenario.js';

describe('measurements in turn', () => {
  const drained = (value: number, found = 0): ScenarioResult => ({
    figures: [{ key: 'shippedPerSecond', title: '', value, unit: 'orders/s' }],
    checks: [{ what: 'dead letters', expected: 0, found }],
  });

  it('have the plain one first and last, each on empty servers, and compare with the mean of both', async () => {
    const happened: string[] = [];
    const stage = {
      servers: { startEmpty: async () => void happened.push('emptied') },
      say: (line: string) => void happened.push(line),
    };
    const plain = [drained(600), drained(500, 3)];
    const { plainPerSecond, others, checks } = await inTurn(
      stage,
      { name: 'plain', run: async () => plain.shift() ?? drained(Number.NaN) },
      [{ name: 'other', run: async () => drained(440) }],
    );
    // The servers are empty when a scenario begins.
    expect(happened).to.deep.equal(['plain', 'emptied', 'other', 'emptied', 'plain']);
    expect(turnsOf(1)).to.equal(3);
    expect(plainPerSecond).to.equal(550);
    expect(others.map(({ perSecond }) => perSecond)).to.deep.equal([440]);
    expect(checks.map(({ what, found }) => [what, found])).to.deep.equal([
      ['plain: dead letters', 0],
      ['other: dead letters', 0],
      ['plain: dead letters', 3],
    ]);
  });
});
