import { expect } from 'chai';
import type { Outcome, Verdict } from '../../audit/auditor.js';
import { auditJson, auditLines } from './report.js';

const verdict = (number: number, what: string, outcome: Outcome): Verdict => ({
  number,
  title: 'stock',
  what,
  holds: 'always',
  outcome,
});
const checked = (count: number, ...orderIds: string[]): Outcome => ({
  kind: 'checked',
  checked: count,
  violations: orderIds.map((orderId) => ({ orderId, what: 'is wrong' })),
});

describe('the report of an audit', () => {
  it('has a row a check, with what was looked at and who was found', () => {
    const verdicts = [verdict(3, 'it adds up', checked(1200)), verdict(3, 'it is all', checked(7, 'o-1'))];
    expect(auditLines({ verdicts, underWay: [] }, 10)).to.deep.equal([
      '#  INVARIANT  CHECK       CHECKED  VIOLATIONS',
      '─  ─────────  ──────────  ───────  ──────────',
      '3  stock      it adds up    1,200           0',
      '              it is all         7           1',
      '',
      '3  it is all: not so',
      '   order o-1: is wrong',
      '',
      '1 violations in 2 checks',
    ]);
  });

  it('names as many as it is told to, and counts the rest', () => {
    const text = auditLines({ verdicts: [verdict(3, 'x', checked(3, 'a', 'b', 'c'))], underWay: [] }, 2).join('\n');
    expect(text).to.include('order b: is wrong\n   … and 1 more').and.not.to.include('order c');
  });

  it('says what could not be checked and why, what was left out, and what had nothing to look at', () => {
    const verdicts = [
      verdict(1, 'a', { kind: 'unreached', why: 'nobody answers' }),
      verdict(2, 'b', { kind: 'left-out', why: '--without b' }),
      verdict(3, 'c', checked(0)),
    ];
    const text = auditLines({ verdicts, underWay: ['2 orders are not at their end'] }, 10).join('\n');
    expect(text).to.include('Not checked: nobody answers.').and.to.include('Left out: --without b.');
    expect(text).to.include('Nothing to look at, so nothing is proved: 3 c.');
    expect(text).to.include('The fleet is not quiet: 2 orders are not at their end.');
    expect(text).to.include('0 violations in 1 checks; 1 checks could not be done');
  });

  it('tells programs whether all is sound: a check that could not be done is not', () => {
    const sound = (outcome: Outcome): unknown =>
      JSON.parse(auditJson({ verdicts: [verdict(1, 'a', outcome)], underWay: [] })).sound;
    expect(sound(checked(1))).to.equal(true);
    expect(sound({ kind: 'left-out', why: '' })).to.equal(true);
    expect(sound(checked(1, 'o-1'))).to.equal(false);
    expect(sound({ kind: 'unreached', why: '' })).to.equal(false);
  });
});
