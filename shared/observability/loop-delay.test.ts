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

  it('is not looked at while the process is at rest, and is again once it is not', async () => {
    const meter = new LoopDelayMeter(10);
    await pause(200);
    meter.take();
    await pause(200);
    meter.take();
    await lateBy(100);
    expect(meter.take().p99Ms, 'it was at rest before').to.equal(0);
    await lateBy(100);
    expect(meter.take().p99Ms).to.be.within(50, 1000);
    meter.close();
  });

  it('is what one takes that does not give way', async () => {
    const meter = new LoopDelayMeter(10);
    meter.take();
    await lateBy(200);
    expect(meter.take().p99Ms).to.be.within(150, 1000);
    meter.close();
  });
});

/** Stands still for so long. The meter goes by the time since its last look, of which it has forgotten the one before. */
async function lateBy(ms: number): Promise<void> {
  await pause(50);
  const until = performance.now() + ms;
  while (performance.now() < until);
  await pause(50);
}
