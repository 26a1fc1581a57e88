import { expect } from 'chai';
import type { Answer } from './answer.js';
import { endOf, Follower } from './follow.js';
import type { OrderState } from './storefront.js';

const placedAt = '2026-01-01T00:00:00.000Z';
const at = '2026-01-01T00:00:01.500Z';
const ended = Date.parse(at);
const placed = Date.parse(placedAt);
const state = (status: string, type = 'orders.order-placed', more: Partial<OrderState> = {}): OrderState => ({
  status,
  placedAt,
  timeline: [{ type, at }],
  ...more,
});
const read = (body: OrderState): Answer<OrderState> => ({ kind: 'accepted', body, replayed: false });
const forever = new AbortController().signal;

describe('the end of an order', () => {
  it('is when its parcel went, or when it was decided that none will, by its own timeline', () => {
    expect(endOf(state('SHIPPED', 'shipping.order-shipped'))).to.deep.equal({
      kind: 'SHIPPED',
      placedAt: placed,
      endedAt: ended,
    });
    const cancelled = state('CANCELLED', 'orders.order-cancelled', { cancelReason: 'out-of-stock' });
    expect(endOf(cancelled)).to.deep.equal({
      kind: 'CANCELLED',
      placedAt: placed,
      endedAt: ended,
      reason: 'out-of-stock',
    });
  });

  it('has not come while it is being cancelled', () => {
    expect(endOf(state('CANCELLING', 'orders.order-cancelled'))).to.deep.equal({
      kind: 'unfinished',
      status: 'CANCELLING',
    });
  });
});

describe('following orders', () => {
  it('asks until the order has come to its end, through failures', async () => {
    const answers: Answer<OrderState>[] = [
      read(state('INITIATED')),
      { kind: 'unknown', reason: 'ECONNRESET', afterMs: 1 },
      read(state('PAID')),
      read(state('SHIPPED', 'shipping.order-shipped')),
    ];
    const follower = new Follower({
      read: async () => answers.shift() ?? { kind: 'later', reason: 'too much' },
      signal: forever,
    });
    expect((await follower.follow('a')).kind).to.equal('SHIPPED');
    expect(answers).to.deep.equal([]);
  });

  it('finds an order lost that was accepted and does not exist', async () => {
    const gone = async (): Promise<Answer<OrderState>> => ({ kind: 'refused', reason: 'order.not-found', detail: '' });
    expect(await new Follower({ read: gone, signal: forever }).follow('a')).to.deep.equal({ kind: 'lost' });
  });

  it('gives up with the last status it saw', async () => {
    const stop = new AbortController();
    const follower = new Follower({
      read: async () => {
        stop.abort();
        return read(state('CONFIRMED'));
      },
      signal: stop.signal,
    });
    expect(await follower.follow('a')).to.deep.equal({ kind: 'unfinished', status: 'CONFIRMED' });
  });

  it('asks about no more orders at once than its window holds, and about each no oftener than it must', async () => {
    let asking = 0;
    let most = 0;
    let asked = 0;
    const follower = new Follower({
      read: async () => {
        asked += 1;
        asking += 1;
        most = Math.max(most, asking);
        await new Promise((resolve) => setTimeout(resolve, 1));
        asking -= 1;
        return read(state('SHIPPED', 'shipping.order-shipped'));
      },
      signal: forever,
      window: 4,
    });
    await Promise.all(Array.from({ length: 50 }, (_, order) => follower.follow(String(order))));
    expect(most).to.equal(4);
    expect(asked).to.equal(50);
  });

  it('does not let an order that takes long keep the others waiting', async () => {
    const ends: string[] = [];
    const stop = new AbortController();
    const follower = new Follower({
      read: async (orderId) => read(orderId === 'slow' ? state('PAID') : state('SHIPPED', 'shipping.order-shipped')),
      signal: stop.signal,
      window: 1,
    });
    const slow = follower.follow('slow').then(() => ends.push('slow'));
    await follower.follow('quick').then(() => ends.push('quick'));
    stop.abort();
    await slow;
    expect(ends).to.deep.equal(['quick', 'slow']);
  });
});
