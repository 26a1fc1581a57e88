import { expect } from 'chai';
import { lineOf } from './progress.js';

describe('the progress line', () => {
  it('shows what is done of all, how fast, and what stands beside it', () => {
    const standing = { title: 'orders', done: 50, total: 200, beside: '49 shipped' };
    expect(lineOf(standing, 10)).to.equal('orders 50/200 · 10 s · 5/s · 49 shipped');
    expect(lineOf(standing, 10, 8)).to.equal('orders ██░░░░░░ 50/200 · 10 s · 5/s · 49 shipped');
  });

  it('is full when there is nothing to do', () => {
    expect(lineOf({ title: 'orders', done: 0, total: 0, beside: '' }, 0, 4)).to.equal('orders ████ 0/0 · 0 s');
  });
});
