import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { atMost, atRate } from './pace.js';

const forever = new AbortController().signal;

describe('a closed loop', () => {
  it('acts on every item, on so many at once and never more', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await atMost([1, 2, 3, 4, 5, 6, 7], 3, forever, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await pause(2);
      running -= 1;
      done.push(item);
    });
    expect(most).to.equal(3);
    expect(done.sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
  });

  it('begins nothing after it was told to stop', async () => {
    const stop = new AbortController();
    const begun: number[] = [];
    await atMost([1, 2, 3, 4, 5], 2, stop.signal, async (item) => {
      begun.push(item);
      await pause(2);
      stop.abort();
    });
    expect(begun).to.deep.equal([1, 2]);
  });
});

describe('an open loop', () => {
  it('begins by the clock, though nothing has come back', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begun = 0;
    const dues: number[] = [];
    await atRate([1, 2, 3, 4, 5], 200, forever, async (_item, dueAt) => {
      dues.push(dueAt);
      begun += 1;
      if (begun === 5) release();
      await held;
    });
    const [first = 0, ...rest] = dues;
    expect(rest.map((due) => Math.round(due - first))).to.deep.equal([5, 10, 15, 20]);
  });

  it('begins nothing after it was told to stop, and waits for what it began', async () => {
    const stop = new AbortController();
    let ended = 0;
    await atRate([1, 2, 3], 1000, stop.signal, async () => {
      stop.abort();
      await pause(5);
      ended += 1;
    });
    expect(ended).to.equal(1);
  });
});
