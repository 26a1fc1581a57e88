import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { LoopDelayMeter } from './loop-delay.js';
import { Rest } from './rest.js';

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

  it('is looked at until the process was at rest for a minute, and again once it is not', async () => {
    let elapsed = { idle: 0, active: 0, utilization: 0 };
    const meter = new LoopDelayMeter(10, new Rest(() => elapsed));
    const lateAfter = async (idle: number, active: number): Promise<number> => {
      elapsed = { idle, active, utilization: active / (idle + active) };
      await lateBy(100);
      return meter.take().p99Ms;
    };
    expect(await lateAfter(30_000, 300)).to.be.within(50, 1000);
    expect(await lateAfter(20_000, 2000), 'rested for half a minute').to.be.within(50, 1000);
    expect(await lateAfter(59_000, 500)).to.be.within(50, 1000);
    expect(await lateAfter(500, 5), 'not yet a minute').to.be.within(50, 1000);
    expect(await lateAfter(9000, 1000), 'left alone').to.equal(0);
    expect(await lateAfter(9000, 1000)).to.be.within(50, 1000);
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
