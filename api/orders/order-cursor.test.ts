import { expect } from 'chai';
import { v7 } from 'uuid';
import { cursorAfter, orderAt } from './order-cursor.js';

describe('a cursor of orders', () => {
  const orderId = v7();
  const asked = [v7(), 'PAID', undefined];

  it('leads to the order that the page ended with', () => {
    expect(orderAt(cursorAfter(orderId, asked), asked)).to.equal(orderId);
  });

  it('holds for what it was given for only', () => {
    const cursor = cursorAfter(orderId, asked);
    for (const other of [
      [],
      [asked[0], 'SHIPPED', undefined],
      [asked[0], undefined, 'PAID'],
      [v7(), 'PAID', undefined],
    ]) {
      expect(orderAt(cursor, other)).to.equal(undefined);
    }
  });

  it('is none when any of its characters is another, or it is longer or shorter', () => {
    const cursor = cursorAfter(orderId, asked);
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      expect(orderAt(cursor.slice(0, at) + other + cursor.slice(at + 1), asked), `${at}`).to.equal(undefined);
      expect(orderAt(cursor.slice(0, at), asked)).to.equal(undefined);
    }
    for (const garbage of [`${cursor}A`, `${cursor}==`, ` ${cursor}`, orderId, '*'.repeat(32)]) {
      expect(orderAt(garbage, asked), garbage).to.equal(undefined);
    }
  });
});
