import { expect } from 'chai';
import { Mailbox } from './mailbox.js';

describe('a mailbox', () => {
  it('hands out all that waits, in its order, up to the limit', async () => {
    const mailbox = new Mailbox<number>();
    for (const item of [1, 2, 3, 4, 5]) mailbox.put(item);
    expect(await mailbox.take(3)).to.deep.equal([1, 2, 3]);
    expect(await mailbox.take(3)).to.deep.equal([4, 5]);
  });

  it('hands out no more than a size, but always one', async () => {
    const mailbox = new Mailbox<number>((item) => item);
    for (const item of [1, 2, 3, 40, 5]) mailbox.put(item);
    expect(await mailbox.take(10, 5)).to.deep.equal([1, 2]);
    expect(await mailbox.take(10, 3)).to.deep.equal([3]);
    expect(await mailbox.take(10, 3)).to.deep.equal([40]);
  });

  it('makes the taker wait only while it is empty', async () => {
    const mailbox = new Mailbox<string>();
    const taken = mailbox.take(10);
    mailbox.put('late');
    expect(await taken).to.deep.equal(['late']);
  });

  it('lets the waiting taker go with nothing when it is closed, and keeps what it holds', async () => {
    const mailbox = new Mailbox<string>();
    const taken = mailbox.take(10);
    mailbox.close();
    expect(await taken).to.deep.equal([]);
    mailbox.put('never handed out');
    expect(await mailbox.take(10)).to.deep.equal([]);
    expect(mailbox.size).to.equal(1);
  });
});
