import { expect } from 'chai';
import type { CrashMark } from '../postgres/crash-marks.js';
import { CRASHES_AT_MOST, consequenceOf } from './suspicion.js';

const left: CrashMark = { holder: 'a dead one', alone: false, crashes: 0, silentMs: 5000 };

describe('a redelivered message', () => {
  const examples: readonly (readonly [string, CrashMark | undefined, ReturnType<typeof consequenceOf>])[] = [
    ['is handled with others when nobody died marked with it', undefined, { kind: 'together' }],
    ['waits while a living process is at it, among others', { ...left, silentMs: 4999 }, { kind: 'wait' }],
    [
      'waits while a living process is at it, whatever was proven before',
      { ...left, alone: true, crashes: 2, silentMs: 0 },
      { kind: 'wait' },
    ],
    ['is only suspected when a process died with it among others', left, { kind: 'alone', crashes: 0 }],
    [
      'is not proven guilty by a process that was killed while it handled it alone',
      { ...left, alone: true },
      { kind: 'alone', crashes: 1 },
    ],
    [
      'is tried once more after two processes died of it alone',
      { ...left, alone: true, crashes: 1 },
      { kind: 'alone', crashes: 2 },
    ],
    [
      'is dead-lettered once three processes died of it alone',
      { ...left, alone: true, crashes: 2 },
      { kind: 'dead-letter', crashes: 3 },
    ],
    [
      'stays proven when the process dies that was dead-lettering it',
      { ...left, alone: true, crashes: 3 },
      { kind: 'dead-letter', crashes: 4 },
    ],
  ];
  for (const [title, mark, consequence] of examples) {
    it(title, () => expect(consequenceOf(mark)).to.deep.equal(consequence));
  }

  it('kills five processes in a row at most', () => {
    let mark: CrashMark | undefined;
    let crashes = 1; // among the first deliveries
    for (;;) {
      const next = consequenceOf(mark);
      if (next.kind === 'dead-letter') break;
      crashes += 1;
      mark = next.kind === 'alone' ? { ...left, alone: true, crashes: next.crashes } : left;
    }
    expect(crashes).to.equal(CRASHES_AT_MOST).and.to.equal(5);
  });
});
