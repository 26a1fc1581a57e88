import { expect } from 'chai';
import { loggedRequest } from './request-log.js';

const AT = new Date('2026-01-01T00:00:00Z');

describe('the log of the requests of a load run', () => {
  it('notes 202 as ok, with the order that was promised', () => {
    const answer = { kind: 'accepted', body: { orderId: 'o-1' }, replayed: false } as const;
    expect(loggedRequest('key', answer, AT)).to.deep.equal({
      at: '2026-01-01T00:00:00.000Z',
      idempotencyKey: 'key',
      kind: 'ok',
      orderId: 'o-1',
    });
  });

  it('notes a definite no as refused, also when it may become a yes later', () => {
    for (const kind of ['refused', 'later'] as const) {
      const answer = { kind, reason: 'intake.overloaded', detail: '' };
      expect(loggedRequest('key', answer, AT)).to.deep.include({ kind: 'refused', reason: 'intake.overloaded' });
    }
  });

  it('notes as unknown what may have been stored', () => {
    expect(loggedRequest('key', { kind: 'unknown', reason: 'ECONNRESET' }, AT).kind).to.equal('unknown');
  });
});
