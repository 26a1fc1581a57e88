import { expect } from 'chai';
import type { Happening } from './injection.js';
import { type OrderTimes, recoveryOf, timed, windowsOf } from './recovery.js';

const ordered = (placedAt: number, endedAt?: number): OrderTimes => ({ placedAt, endedAt });

const happening = (beganAt: number, healedAt: number): Happening => ({
  name: 'broker-killed',
  victim: 'RabbitMQ',
  isUnnoticed: false,
  beganAt,
  healedAt,
});

describe('the recovery from a fault', () => {
  it('is over when every order that was placed before the heal is at its end', () => {
    const { caughtUpAfterMs } = recoveryOf({ healedAt: 1000 }, [
      ordered(100, 1700),
      ordered(900, 1400),
      ordered(1100, 5000),
    ]);
    expect(caughtUpAfterMs).to.equal(700);
  });

  it('takes no time when all had ended before', () => {
    expect(recoveryOf({ healedAt: 1000 }, [ordered(100, 200)]).caughtUpAfterMs).to.equal(0);
  });

  it('is never over when an order is not at its end', () => {
    expect(recoveryOf({ healedAt: 1000 }, [ordered(100)]).caughtUpAfterMs).to.equal(undefined);
  });

  it('shows itself at the end of the first order that was placed after the heal', () => {
    const orders = [ordered(900, 1050), ordered(1100, 1900), ordered(1200, 1600)];
    expect(recoveryOf({ healedAt: 1000 }, orders).worksAfterMs).to.equal(600);
  });

  it('is told without those whose times a wrong clock told', () => {
    const right = [ordered(100, 1700), ordered(1900), ordered(900, 890)];
    const wrong = [ordered(100, 3_600_000), ordered(-3_600_000, 1000), ordered(3_600_000, 1800), ordered(3_600_000)];
    expect(timed([...wrong, ...right], 0, 2000)).to.deep.equal(right);
  });

  it('cannot be told where nothing was placed after the heal', () => {
    expect(recoveryOf({ healedAt: 1000 }, [ordered(100, 1200)]).worksAfterMs).to.equal(undefined);
  });
});

describe('the timeline of a run', () => {
  it('counts what was placed and ended in each window, and names what lasted in it', () => {
    const orders = [ordered(1000, 1400), ordered(1600, 2600), ordered(2100, 2700)];
    expect(windowsOf(1000, orders, [happening(1800, 2100)], 500)).to.deep.equal([
      { fromMs: 0, placed: 1, ended: 1, faults: [] },
      { fromMs: 500, placed: 1, ended: 0, faults: ['broker-killed (RabbitMQ)'] },
      { fromMs: 1000, placed: 1, ended: 0, faults: ['… broker-killed'] },
      { fromMs: 1500, placed: 0, ended: 2, faults: [] },
    ]);
  });
});
