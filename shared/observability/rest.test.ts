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

  it('is broken by work, however little of the loop it takes', () => {
    const rest = new Rest(() => since);
    expect(lookAfter(rest, 70_000, 700)).to.equal(true);
    rest.disturb();
    expect(lookAfter(rest, 59_000, 500), 'begins anew').to.equal(false);
  });

  it('has whoever looks for work do so every five seconds, or less often if that was so before', () => {
    const rest = new Rest(() => since);
    since = { idle: 1000, active: 10, utilization: 0.01 };
    expect(rest.pauseMs(1000)).to.equal(1000);
    since = { idle: 70_000, active: 700, utilization: 0.01 };
    expect(rest.pauseMs(1000)).to.equal(5000);
    expect(rest.pauseMs(8000)).to.equal(8000);
  });

  it('has not come to a process that was just started', () => {
    expect(new Rest().look()).to.equal(false);
  });
});
