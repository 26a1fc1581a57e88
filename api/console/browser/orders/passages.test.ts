import { expect } from 'chai';
import type { Explanation, OrderMessage } from '../answers.js';
import { passagesOf } from './passages.js';

describe('the passages of an order', () => {
  const placed: OrderMessage = {
    id: 'm1',
    type: 'orders.order-placed',
    version: 1,
    at: '2026-01-01T00:00:00.000Z',
    producer: 'web',
    causationId: null,
    payload: {},
    boundTo: ['inventory', 'payment'],
    handledBy: ['inventory'],
  };
  const reserved: OrderMessage = {
    ...placed,
    id: 'm2',
    type: 'inventory.stock-reserved',
    at: '2026-01-01T00:00:00.250Z',
    producer: 'inventory',
    causationId: 'm1',
    boundTo: ['orders'],
    handledBy: ['orders'],
  };
  const start = Date.parse(placed.at);
  const now = start + 60_000;
  const letter = (status: 'open' | 'discarded'): Explanation['deadLetters'][number] => ({
    id: 'l1',
    actor: 'payment',
    messageId: 'm1',
    type: placed.type,
    status,
    code: 'card.odd',
    message: 'it is odd',
    attempts: 3,
    firstAt: '2026-01-01T00:00:05.000Z',
    lastAt: '2026-01-01T00:00:09.000Z',
  });
  const shown = (letters: Explanation['deadLetters']) =>
    passagesOf([placed, reserved], letters, now).map(({ actor, state, to, failures }) => [
      actor,
      state,
      to === undefined ? undefined : to - start,
      failures,
    ]);

  it('end with what the actor said, last until now where it has not, and have no end where it said nothing', () => {
    expect(shown([])).to.deep.equal([
      ['inventory', 'handled', 250, 0],
      ['payment', 'waiting', 60_000, 0],
      ['orders', 'handled', undefined, 0],
    ]);
  });

  it('stand still at a dead letter until it is settled', () => {
    expect(shown([letter('open')])[1]).to.deep.equal(['payment', 'dead', 60_000, 3]);
    expect(shown([letter('discarded')])[1]).to.deep.equal(['payment', 'settled', 9000, 3]);
  });
});
