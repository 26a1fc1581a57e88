import { expect } from 'chai';
import { until } from '../../test/support/until.js';
import { Isolation } from './isolation.js';

describe('handling alone', () => {
  const going = new AbortController().signal;
  let isolation: Isolation;
  let seen: string[];
  const note = (what: string) => async () => {
    seen.push(what);
  };

  const neighbour = (quiet: () => boolean) => ({ quiet, giveBack: () => undefined });

  beforeEach(() => {
    isolation = new Isolation();
    seen = [];
  });

  it('waits until every actor of the process has finished what it began', async () => {
    let busy = true;
    isolation.join(neighbour(() => true));
    isolation.join(
      neighbour(() => {
        seen.push('asked');
        return !busy;
      }),
    );
    const alone = isolation.alone(note('alone'), going);
    await until('it looked twice', () => seen.length >= 2);
    expect(seen).not.to.include('alone');
    busy = false;
    await alone;
    expect(seen.at(-1)).to.equal('alone');
  });

  it('is wanted from when it is asked for until it is over', async () => {
    let busy = true;
    isolation.join(neighbour(() => !busy));
    expect(isolation.wanted).to.equal(false);
    const alone = isolation.alone(async () => {
      expect(isolation.wanted, 'while it lasts').to.equal(true);
      seen.push('alone');
    }, going);
    expect(isolation.wanted, 'while it waits').to.equal(true);
    busy = false;
    await alone;
    expect([seen, isolation.wanted]).to.deep.equal([['alone'], false]);
  });

  it('has what cannot begin given back, before it begins and while it lasts', async () => {
    let waiting = 1;
    isolation.join({
      quiet: () => waiting === 0,
      giveBack: () => {
        waiting = 0;
      },
    });
    await isolation.alone(async () => {
      seen.push('alone');
      waiting = 1;
      await until('it is given back', () => waiting === 0);
    }, going);
    expect(seen).to.deep.equal(['alone']);
  });

  it('waits for what is still beginning', async () => {
    let begun: (() => void) | undefined;
    const beginning = isolation.together(
      () =>
        new Promise((resolve) => {
          begun = resolve;
        }),
    );
    const end = await until('it begins', () => begun);
    const alone = isolation.alone(note('alone'), going);
    const later = isolation.together(note('later'));
    setTimeout(() => {
      seen.push('begun');
      end();
    }, 50);
    await Promise.all([beginning, alone, later]);
    expect(seen).to.deep.equal(['begun', 'alone', 'later']);
  });

  it('lets nothing begin before the last of those who asked for it is done', async () => {
    const first = isolation.alone(note('first'), going);
    const second = isolation.alone(note('second'), going);
    const others = isolation.together(note('others'));
    await Promise.all([first, second, others]);
    expect(seen).to.deep.equal(['first', 'second', 'others']);
  });

  it('lets the others go on when its handling fails, or the process stops before it begins', async () => {
    await isolation.alone(() => Promise.reject(new Error('no')), going).catch(note('failed'));
    isolation.join(neighbour(() => false));
    const stopped = isolation.alone(note('never'), AbortSignal.timeout(30)).catch(note('stopped'));
    await Promise.all([stopped, isolation.together(note('others'))]);
    expect(seen).to.have.members(['failed', 'stopped', 'others']);
  });
});
