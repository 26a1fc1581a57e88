import { expect } from 'chai';
import type { ReplayProgress } from '../../postgres/replays.js';
import { advanced, type Chosen, chosenFrom } from './advance.js';
import type { Fate } from './fate.js';

const FATES: readonly Fate[] = ['handled', 'decision', 'effects-off', 'decision', 'dead', 'effect', 'invalid'];
const messages = FATES.map((fate, index) => ({ id: String(index), fate }));
const chosenOf = (most: number): Chosen[] => chosenFrom(messages, most, ({ fate }) => fate);
const ids = (chosen: readonly Chosen[]): string[] => chosen.map(({ message }) => message.id);

describe('what a step of a replay sends', () => {
  it('is bounded, and has what is left out before the first that waits', () => {
    expect(ids(chosenOf(0))).to.deep.equal(['0']);
    expect(ids(chosenOf(1))).to.deep.equal(['0', '1', '2']);
    expect(ids(chosenOf(3))).to.deep.equal(ids(chosenOf(100)));
    expect(chosenOf(100)).to.have.length(FATES.length);
  });
});

describe('a step of a replay', () => {
  const before: ReplayProgress = {
    position: 'before',
    sent: 10,
    skipped: 10,
    effectsOff: 10,
    refused: 10,
    failed: 10,
    inFlight: ['old'],
    trouble: null,
  };
  const page = { messages, end: 'end' };
  const answered = (confirmed: string[], unsendable: string[] = [], trouble: string | null = null) => ({
    confirmed: new Set(confirmed),
    unsendable: new Set(unsendable),
    trouble,
  });

  it('moves to the end of its page when all of it is sent or left out, and counts each once', () => {
    expect(advanced(before, page, chosenOf(100), answered(['1', '3', '5']))).to.deep.equal({
      position: 'end',
      sent: 13,
      skipped: 11,
      effectsOff: 11,
      refused: 12,
      failed: 10,
      inFlight: ['old', '1', '3', '5'],
      trouble: null,
    });
  });

  it('moves up to the last that it has chosen where the page has more', () => {
    expect(advanced(before, page, chosenOf(1), answered(['1']))).to.include({
      position: '2',
      sent: 11,
      effectsOff: 11,
    });
  });

  it('stops before a message that the broker did not take, also where it took a later one', () => {
    const stuck = advanced(before, page, chosenOf(100), answered(['1', '5'], [], 'away'));
    expect(stuck).to.deep.include({ position: '2', sent: 11, refused: 10, inFlight: ['old', '1'], trouble: 'away' });
    const nothing = advanced(before, { messages: messages.slice(1), end: 'end' }, chosenOf(100).slice(1), answered([]));
    expect(nothing).to.deep.equal(before);
  });

  it('goes past a message that nothing can carry, and counts it as refused', () => {
    const passed = advanced(before, page, chosenOf(100), answered(['1', '5'], ['3']));
    expect(passed).to.include({ position: 'end', sent: 12, refused: 13 });
  });
});
