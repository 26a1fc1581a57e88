import { expect } from 'chai';
import { wantedOf } from './wanted.js';

const form = (fields: Readonly<Record<string, string>>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries({ to: 'shipping', perSecond: '50', reason: 'mended', ...fields }))
    data.set(name, value);
  return data;
};
const EMPTY = { from: '', until: '', types: '', order: '' };

describe('a replay that is asked for in the console', () => {
  it('leaves out what is not filled in, and effects unless they are asked for', () => {
    expect(wantedOf(form(EMPTY))).to.deep.equal({ to: 'shipping', effects: false, perSecond: 50, reason: 'mended' });
    expect(wantedOf(form({ effects: 'on' }))).to.include({ effects: true });
  });

  it('says a moment with its offset, and an order as the database writes it', () => {
    const wanted = wantedOf(
      form({ ...EMPTY, from: '2026-11-22T08:30', order: ' 01998D2C-0000-7000-8000-000000000001 ' }),
    );
    expect(wanted).to.include({
      from: new Date(2026, 10, 22, 8, 30).toISOString(),
      order: '01998d2c-0000-7000-8000-000000000001',
    });
  });
});
