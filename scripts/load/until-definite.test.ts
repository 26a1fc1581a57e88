import { expect } from 'chai';
import type { Answer } from './answer.js';
import { backOffMs, untilDefinite } from './until-definite.js';

const later = { kind: 'later', reason: 'intake.overloaded', afterMs: 1 } as const;
const unknown = { kind: 'unknown', reason: 'ECONNRESET', afterMs: 1 } as const;
const accepted = { kind: 'accepted', body: 'order', replayed: true } as const;
const { signal } = new AbortController();

/** Gives the answers in their order, the last one for ever. */
function scripted(...answers: Answer<string>[]): () => Promise<Answer<string>> {
  let at = 0;
  return async () => answers[Math.min(at++, answers.length - 1)] ?? later;
}

describe('asking until the answer is definite', () => {
  it('asks again after what is not done and what is unknown, and counts both', async () => {
    expect(await untilDefinite(scripted(later, unknown, later, accepted), { signal })).to.deep.equal({
      ...accepted,
      later: 2,
      unknown: 1,
      unsure: true,
    });
  });

  it('is sure that an acceptance is no doing of its own when no try was unknown', async () => {
    expect(await untilDefinite(scripted(later, accepted), { signal })).to.include({ unsure: false, replayed: true });
  });

  it('takes a refusal as definite, whatever came before', async () => {
    const refused = { kind: 'refused', reason: 'order.unknown-sku', detail: '' } as const;
    expect(await untilDefinite(scripted(unknown, refused), { signal })).to.include({
      kind: 'refused',
      reason: 'order.unknown-sku',
    });
  });

  it('given up, is refused only if no try can have been carried out', async () => {
    const givenUp = { signal, giveUpAfterMs: 20 };
    expect(await untilDefinite(scripted(later), givenUp)).to.include({ kind: 'refused', reason: 'intake.overloaded' });
    expect(await untilDefinite(scripted(unknown, later), givenUp)).to.include({ kind: 'unknown' });
  });

  it('asks no more once it is told to stop', async () => {
    let asked = 0;
    const stopped = AbortSignal.abort();
    const ask = async () => {
      asked += 1;
      return later;
    };
    expect((await untilDefinite(ask, { signal: stopped })).kind).to.equal('refused');
    expect(asked).to.equal(1);
  });
});

describe('the wait between tries', () => {
  it('doubles from a tenth of a second to five seconds, spread by a half', () => {
    expect([1, 2, 3, 6, 7, 60].map((failures) => backOffMs(failures, 0.5))).to.deep.equal([
      100, 200, 400, 3200, 5000, 5000,
    ]);
    expect([backOffMs(7, 0), backOffMs(7, 1)]).to.deep.equal([2500, 7500]);
  });
});
