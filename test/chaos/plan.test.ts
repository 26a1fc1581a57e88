import { expect } from 'chai';
import { type Fault, nothingToHeal, type Part } from './fault.js';
import { planFaults } from './plan.js';

const MINUTE_MS = 60_000;

const fault = (name: string, touches: readonly Part[], lastsMs: readonly [number, number] = [2000, 9000]): Fault => ({
  name,
  what: name,
  touches,
  weight: 1,
  lastsMs,
  inject: async () => ({ victim: name, heal: nothingToHeal }),
});

const FAULTS = [
  fault('broker-killed', ['broker']),
  fault('queue-deleted', ['broker', 'postgres']),
  fault('postgres-killed', ['postgres']),
  fault('process-killed', ['processes'], [0, 0]),
  fault('provider-slow', ['providers'], [20_000, 60_000]),
];

const told = (seed: string) =>
  planFaults(FAULTS, seed, 5 * MINUTE_MS).map(({ atMs, lastsMs, fault: { name }, chance }) => [
    atMs,
    lastsMs,
    name,
    chance('who'),
  ]);

describe('the plan of a chaos run', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(told('4711')).to.deep.equal(told('4711'));
    expect(told('4711')).not.to.deep.equal(told('4712'));
  });

  it('lets every fault happen in five minutes, whatever the seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const names = new Set(told(String(seed)).map(([, , name]) => name));
      expect([...names], `seed ${seed}`).to.have.members(FAULTS.map(({ name }) => name));
    }
  });

  it('has no two faults at a time that touch the same part', () => {
    for (let seed = 0; seed < 20; seed++) {
      const steps = planFaults(FAULTS, String(seed), 5 * MINUTE_MS);
      for (const [at, one] of steps.entries()) {
        for (const later of steps.slice(at + 1)) {
          const overlap = later.atMs < one.atMs + one.lastsMs;
          const shared = one.fault.touches.some((part) => later.fault.touches.includes(part));
          expect(overlap && shared, `seed ${seed}: ${one.fault.name}, ${later.fault.name}`).to.equal(false);
        }
      }
    }
  });

  it('lets faults of different parts happen at the same time', () => {
    const steps = planFaults(FAULTS, '4711', 5 * MINUTE_MS);
    expect(
      steps.some((one, at) => (steps[at + 1]?.atMs ?? Number.POSITIVE_INFINITY) < one.atMs + one.lastsMs),
    ).to.equal(true);
  });

  it('is over when the time is', () => {
    for (const { atMs, lastsMs } of planFaults(FAULTS, '4711', MINUTE_MS))
      expect(atMs + lastsMs).to.be.at.most(MINUTE_MS);
  });

  it('repeats a fault that is alone', () => {
    const [only] = FAULTS;
    const steps = planFaults(only === undefined ? [] : [only], '4711', 2 * MINUTE_MS);
    expect(steps.length).to.be.greaterThan(3);
  });
});
