import { expect } from 'chai';
import { Rest } from './rest.js';

describe('rest', () => {
  let since = { idle: 0, active: 0, utilization: 0 };
  const lookAfter = (rest: Rest, idle: number, active: number): boolean => {
    since = { idle, active, utilization: active / (idle + active) };
    return rest.look();
  };

  it('is a minute in a row with next to nothing to do, however often it is looked at', () => {
    const rest = new Rest(() => since);
    expect(lookAfter(rest, 30_000, 300)).to.equal(false);
    expect(lookAfter(rest, 29_000, 290), 'not yet a minute').to.equal(false);
    expect(lookAfter(rest, 1000, 10)).to.equal(true);
    expect(lookAfter(rest, 1000, 10)).to.equal(true);
  });

  it('is over with the first look at which there was something to do', () => {
    const rest = new Rest(() => since);
    expect(lookAfter(rest, 70_000, 700)).to.equal(true);
    expect(lookAfter(rest, 900, 100)).to.equal(false);
    expect(lookAfter(rest, 59_000, 500), 'begins anew').to.equal(false);
  });

  it('has not come to a process that was just started', () => {
    expect(new Rest().look()).to.equal(false);
  });
});
