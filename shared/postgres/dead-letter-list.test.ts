import { expect } from 'chai';
import { v7 } from 'uuid';
import { possibleChanges } from './dead-letter-list.js';

const LETTER = { status: 'open', messageId: v7(), order: v7(), code: 'carrier.down', sentAt: null } as const;
const can = (deviation: Partial<Parameters<typeof possibleChanges>[0]>): string =>
  possibleChanges({ ...LETTER, ...deviation }).join(', ');

describe('what can be done about a dead letter', () => {
  it('follows from where it is', () => {
    expect(can({})).to.equal('redrive, edit, discard');
    expect(can({ status: 'held' })).to.equal('discard');
    expect(can({ status: 'redriving' })).to.equal('discard');
    expect(can({ status: 'redriving', sentAt: new Date() })).to.equal('redrive, discard');
    for (const status of ['redriven', 'replaced', 'discarded'] as const) expect(can({ status })).to.equal('');
  });

  it('follows from what its message says of itself', () => {
    expect(can({ messageId: 'seventh' })).to.equal('edit, discard');
    expect(can({ order: null })).to.equal('redrive, discard');
  });

  it('is no sending where nobody is known to have been allowed to send it', () => {
    for (const code of ['message.wrong-address', 'broker.expired']) expect(can({ code })).to.equal('discard');
  });
});
