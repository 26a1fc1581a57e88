import { expect } from 'chai';
import { Answers } from './answers.js';

describe('the answers to what was published together', () => {
  it('tell what became of each message, in the order they were published', async () => {
    const answers = new Answers(3, 60_000, () => undefined);
    answers.settle(2, 'returned');
    answers.settle(0, 'confirmed');
    answers.settle(1, 'unsendable');
    expect(await answers.all).to.deep.equal(['confirmed', 'unsendable', 'returned']);
  });

  it('count once each, the first that came', async () => {
    let settled = 0;
    const answers = new Answers(2, 60_000, () => {
      settled += 1;
    });
    answers.settle(0, 'unsendable');
    answers.settle(0, 'confirmed');
    answers.settle(1, 'confirmed');
    expect(await answers.all).to.deep.equal(['unsendable', 'confirmed']);
    expect(settled).to.equal(2);
  });

  it('are there at once when nothing was published', async () => {
    expect(await new Answers(0, 60_000, () => undefined).all).to.deep.equal([]);
  });

  it('are unknown when they do not come in time', async () => {
    let settled = 0;
    const answers = new Answers(2, 5, () => {
      settled += 1;
    });
    answers.settle(1, 'confirmed');
    expect(await answers.all).to.deep.equal(['unknown', 'confirmed']);
    expect(settled).to.equal(2);
  });
});
