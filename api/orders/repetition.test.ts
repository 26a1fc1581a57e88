import { expect } from 'chai';
import { Problem } from '../problem.js';
import { followed, type Placed, repeated } from './repetition.js';

const holder = (orderId: string, body: string) => ({ orderId, fingerprint: Buffer.from(body) });
const kindOf = (placed: Placed): string =>
  placed.kind === 'refused' ? placed.problem.code : `${placed.kind} ${placed.orderId}`;

describe('a request whose idempotency key was used before', () => {
  it('gets the first one’s order when it asks for the same, and is refused when it asks for something else', () => {
    expect(kindOf(repeated(holder('new', 'body'), holder('old', 'body')))).to.equal('replayed old');
    expect(kindOf(repeated(holder('new', 'body'), holder('old', 'other')))).to.equal('request.idempotency-key-reused');
  });

  it('is no repetition when the order is its own, stored by a commit whose answer was lost', () => {
    expect(kindOf(repeated(holder('own', 'body'), holder('own', 'body')))).to.equal('placed own');
  });
});

describe('a request whose idempotency key came twice in a batch', () => {
  const placed: Placed = { kind: 'placed', orderId: 'first' };
  const refused: Placed = { kind: 'refused', problem: new Problem('order.unknown-sku', 'no') };

  it('gets what the first got when it asks for the same', () => {
    expect(kindOf(followed(holder('second', 'body'), holder('first', 'body'), placed))).to.equal('replayed first');
    expect(kindOf(followed(holder('second', 'body'), holder('first', 'body'), refused))).to.equal('order.unknown-sku');
  });

  it('is refused for good or to try again when it asks for something else', () => {
    const [second, first] = [holder('second', 'body'), holder('first', 'other')];
    expect(kindOf(followed(second, first, placed))).to.equal('request.idempotency-key-reused');
    expect(kindOf(followed(second, first, refused))).to.equal('request.idempotency-key-in-flight');
  });
});
