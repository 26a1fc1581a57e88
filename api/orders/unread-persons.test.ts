import { expect } from 'chai';
import { v7 } from 'uuid';
import { noteUnread, type UnreadPersons } from './unread-persons.js';

describe('orders whose persons cannot be read', () => {
  const lines: Record<string, unknown>[] = [];
  const log = { error: (fields: Record<string, unknown>) => void lines.push(fields) };
  const unread = (orderId: string, code = 'secret.key-missing'): UnreadPersons => ({ orderId, code, message: 'no' });
  beforeEach(() => lines.splice(0));

  it('are told of once each, however often they are looked at, and again when it is for another reason', () => {
    const [one, other] = [v7(), v7()];
    noteUnread(log, []);
    noteUnread(log, [unread(one)]);
    noteUnread(log, [unread(one)]);
    noteUnread(log, [unread(one), unread(other)]);
    noteUnread(log, [unread(one, 'secret.unreadable')]);
    expect(lines).to.deep.equal([
      { orders: [{ orderId: one, code: 'secret.key-missing', why: 'no' }], count: 1 },
      { orders: [{ orderId: other, code: 'secret.key-missing', why: 'no' }], count: 1 },
      { orders: [{ orderId: one, code: 'secret.unreadable', why: 'no' }], count: 1 },
    ]);
  });

  it('are one line of bounded length where all of a page lack a key', () => {
    noteUnread(
      log,
      Array.from({ length: 1000 }, () => unread(v7())),
    );
    expect(lines).to.have.length(1);
    expect(lines[0]).to.include({ count: 1000 });
    expect(lines[0]?.['orders']).to.have.length(20);
  });
});
