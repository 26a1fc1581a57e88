import { expect } from 'chai';
import { v7 } from 'uuid';
import { StreamPosition } from './stream-position.js';

const [a, b, c, d] = [1, 2, 3, 4].map((msecs) => v7({ msecs })) as [string, string, string, string];

/** Sends what is unseen and returns it with the last position. */
function send(position: StreamPosition, ids: readonly string[]) {
  const sent = position.unseen(ids);
  const last = sent.map((id) => position.advance(id)).at(-1);
  return { sent, last };
}

describe('the position in an order’s stream', () => {
  it('misses no message that is committed after one with a greater id', () => {
    const position = new StreamPosition(undefined);
    expect(send(position, [a, c]).sent).to.deep.equal([a, c]);
    expect(send(position, [a, b, c]).sent).to.deep.equal([b]);
    expect(send(position, [a, b, c, d]).sent).to.deep.equal([d]);
  });

  it('goes on after a lost connection where it was', () => {
    const { last } = send(new StreamPosition(undefined), [a, b]);
    expect(send(new StreamPosition(last), [a, b, c]).sent).to.deep.equal([c]);
  });

  it('goes on where it was also when the last message sent was a late one', () => {
    const position = new StreamPosition(undefined);
    send(position, [a, c]);
    const { last } = send(position, [a, b, c]);
    expect(send(new StreamPosition(last), [a, b, c, d]).sent).to.deep.equal([d]);
  });

  it('sends all again rather than miss one that came late while the connection was lost', () => {
    const { last } = send(new StreamPosition(undefined), [a, c]);
    expect(send(new StreamPosition(last), [a, b, c]).sent).to.deep.equal([a, b, c]);
  });

  it('goes on after a message whose id alone is given', () => {
    expect(send(new StreamPosition(b), [a, b, c]).sent).to.deep.equal([c]);
  });

  it('starts anew for an id it never gave', () => {
    for (const id of ['', 'x', `${a}.`, `${a}.1.1`])
      expect(send(new StreamPosition(id), [a]).sent, id).to.deep.equal([a]);
  });
});
