import { mock } from 'node:test';
import { expect } from 'chai';
import fc from 'fast-check';
import { AckWindow } from './ack-window.js';

describe('the ack window', () => {
  const recording = () => {
    const acks: [number, boolean][] = [];
    return { acks, window: new AckWindow({ ack: (tag, allUpTo) => acks.push([tag, allUpTo]) }) };
  };

  it('acks in one what has no older delivery open before it, and the rest one by one', () => {
    const { acks, window } = recording();
    for (const tag of [1, 2, 3, 4, 5]) window.opened(tag);
    for (const tag of [2, 1, 4]) window.ack(tag);
    window.flush();
    expect(acks).to.deep.equal([
      [4, false],
      [2, true],
    ]);
    window.ack(3);
    window.flush();
    expect(acks.slice(2)).to.deep.equal([[3, true]]);
    expect(window.unsettled).to.equal(1);
    window.close();
  });

  for (const [prefetch, few] of [
    [1, 0],
    [8, 0],
    [64, 7],
    [400, 15],
  ] as const) {
    it(`lets ${few} acks wait for others where ${prefetch} may be open, and no more`, () => {
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        const { acks, window } = recording();
        window.allow(prefetch);
        for (let tag = 1; tag <= few + 1; tag++) window.opened(tag);
        for (let tag = 1; tag <= few; tag++) window.ack(tag);
        mock.timers.tick(24);
        expect(acks).to.deep.equal([]);
        window.ack(few + 1);
        mock.timers.tick(3);
        expect(acks).to.deep.equal([[few + 1, true]]);
        window.close();
      } finally {
        mock.timers.reset();
      }
    });
  }

  it('acks a single delivery within 25 ms', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { acks, window } = recording();
      window.allow(400);
      window.opened(1);
      window.ack(1);
      mock.timers.tick(25);
      expect(acks).to.deep.equal([[1, true]]);
      window.close();
    } finally {
      mock.timers.reset();
    }
  });

  it('acks each delivery that it was asked to once, and never one that it was not', () => {
    const steps = fc.array(
      fc.record({ tag: fc.integer({ min: 1, max: 30 }), act: fc.constantFrom('ack', 'return', 'flush', 'allow') }),
    );
    fc.assert(
      fc.property(steps, (course) => {
        const open = new Set<number>();
        const acked: number[] = [];
        const wanted = new Set<number>();
        const window = new AckWindow({
          ack: (tag, allUpTo) => {
            for (const one of [...open]) {
              if (one === tag || (allUpTo && one < tag)) {
                open.delete(one);
                acked.push(one);
              }
            }
          },
        });
        for (let tag = 1; tag <= 30; tag++) {
          open.add(tag);
          window.opened(tag);
        }
        for (const { tag, act } of course) {
          if (act === 'flush') window.flush();
          else if (act === 'allow') window.allow(tag * 8);
          else if (act === 'return' && !wanted.has(tag)) {
            open.delete(tag);
            window.returned(tag);
          } else if (act === 'ack' && open.has(tag)) {
            wanted.add(tag);
            window.ack(tag);
          }
        }
        window.flush();
        window.close();
        expect(acked.sort((a, b) => a - b)).to.deep.equal([...wanted].sort((a, b) => a - b));
      }),
    );
  });
});
