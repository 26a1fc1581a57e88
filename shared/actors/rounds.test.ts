import { expect } from 'chai';
import { pino } from 'pino';
import { until } from '../../test/support/until.js';
import { Rounds } from './rounds.js';

describe('rounds', () => {
  let lines: unknown[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });

  beforeEach(() => {
    lines = [];
  });

  it('tell a failure once, with what failed, and when that goes on', async () => {
    let rounds = 0;
    const failing = async (): Promise<number> => {
      rounds += 1;
      if (rounds > 1 && rounds < 34) throw new Error('nobody is there');
      return rounds === 1 ? 0 : 60_000;
    };
    const repeated = new Rounds('looking', failing, log, 0);
    await until('it goes on', () => rounds === 34);
    await repeated.stop();
    const about = { work: 'looking', reason: 'nobody is there' };
    expect(lines).to.deep.equal([
      { level: 40, ...about, failures: 1, msg: 'recurring work failed; trying on' },
      { level: 40, ...about, failures: 31, msg: 'recurring work failed; trying on' },
      { level: 30, work: 'looking', failures: 32, msg: 'recurring work goes on' },
    ]);
  });

  it('end with the present one, and wait for no other', async () => {
    let rounds = 0;
    const repeated = new Rounds('looking', async () => 60_000 * ++rounds, log);
    await repeated.stop();
    expect(rounds).to.equal(1);
  });
});
