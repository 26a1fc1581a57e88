import { expect } from 'chai';
import { register } from 'prom-client';
import './metrics.js';

describe('the metrics of a process', () => {
  it('tell how late the event loop is by the meter that rests, and not by the one that wakes the process', async () => {
    const names = (await register.getMetricsAsJSON()).map(({ name }) => name);
    expect(names).to.include('warren_event_loop_delay_seconds');
    expect(names.filter((name) => /^nodejs_eventloop_lag_\w+_seconds$/.test(name))).to.deep.equal([]);
  });
});
