import { expect } from 'chai';
import { LockOrder } from './lock-order.js';

const order = (...texts: string[]): string[] => {
  const locks = new LockOrder();
  return texts.flatMap((text) => locks.take({ text }) ?? []);
};

describe('the order of locks', () => {
  it('is that of the guarded tables, however often a transaction comes back to one', () => {
    const claims = 'insert into inbox values ($1) returning (select from dead_letters)';
    expect(order(claims, 'select from orders', 'insert into outbox values ($1)', 'delete from inbox')).to.deep.equal(
      [],
    );
  });

  it('is broken by a table that comes after a later one, in one statement and in several', () => {
    const broken = ['inbox is locked after outbox, which GUARDED has later'];
    expect(order('insert into outbox values ($1)', 'delete from inbox')).to.deep.equal(broken);
    expect(order('with gone as (delete from outbox returning id) select from inbox join gone')).to.deep.equal(broken);
  });
});
