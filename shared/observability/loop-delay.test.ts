import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { LoopDelayMeter } from './loop-delay.js';

describe('how late an event loop is', () => {
  it('is next to nothing in one that has nothing to do, however seldom it is looked at', async () => {
    const meters = [new LoopDelayMeter(10), new LoopDelayMeter(100)];
    for (const meter of meters) meter.take();
    await pause(350);
    for (const meter of meters) {
      expect(meter.take().meanMs).to.be.below(60);
      meter.close();
    }
  });

  it('is what one takes that does not give way', async () => {
    const meter = new LoopDelayMeter(10);
    meter.take();
    // It goes by the time since its last look, of which it has forgotten the one before.
    await pause(50);
    const until = performance.now() + 200;
    while (performance.now() < until);
    await pause(50);
    expect(meter.take().p99Ms).to.be.within(150, 1000);
    meter.close();
  });
});
