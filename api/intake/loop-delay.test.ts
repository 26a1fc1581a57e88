import { expect } from 'chai';
import { until } from '../../test/support/until.js';
import { LoopDelay } from './loop-delay.js';

const STALL_MS = 600;

describe('the lateness of the event loop', () => {
  it('is told while it stands still again and again, and is over soon after', async () => {
    const lateness = new LoopDelay();
    try {
      expect(lateness.ms).to.equal(0);
      await until('it is late', () => {
        const begun = performance.now();
        while (performance.now() - begun < STALL_MS);
        return lateness.ms > STALL_MS / 2;
      });
      await until('it is in time again', () => lateness.ms < 100);
    } finally {
      lateness.close();
    }
  });
});
