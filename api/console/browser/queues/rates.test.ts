import { expect } from 'chai';
import type { Live } from '../answers.js';
import { ratesOf } from './rates.js';

type Look = Pick<Live, 'at' | 'actors' | 'loads'>;
type Seen = { readonly ready: number | null; readonly consumers?: number | null };

/** @param load in flight and handled a second; undefined where no process tells */
const look = (second: number, { ready, consumers = 1 }: Seen, load?: readonly [number, number]): Look => ({
  at: new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString(),
  actors: [
    {
      ...{ actor: 'payment', ready, consumers, oldestWaitingMs: null, paused: null, handles: [] },
      prefetch: { set: null, declared: 50 },
      deadLetters: { open: 0, held: 0, redriving: 0 },
    },
  ],
  loads: load === undefined ? [] : [{ actor: 'payment', processes: 1, inFlight: load[0], perSecond: load[1] }],
});

describe('the rates of a queue in the console', () => {
  it('has come in what went out and what is there more, in flight included', () => {
    const past = [look(0, { ready: 10 }, [0, 20]), look(10, { ready: 100 }, [10, 20])];
    expect(ratesOf('payment', past)).to.deep.equal({ inFlight: 10, out: 20, in: 30 });
  });

  it('looks back a few seconds only', () => {
    const past = [look(0, { ready: 9000 }, [0, 5]), look(40, { ready: 0 }, [0, 5]), look(50, { ready: 10 }, [0, 5])];
    expect(ratesOf('payment', past).in).to.equal(6);
  });

  it('does not know what came in before the second look', () => {
    expect(ratesOf('payment', [look(0, { ready: 10 }, [1, 20])])).to.deep.equal({ inFlight: 1, out: 20, in: null });
    expect(ratesOf('payment', [])).to.deep.equal({ inFlight: null, out: null, in: null });
  });

  it('is never less than nothing, however late processes tell of themselves', () => {
    expect(ratesOf('payment', [look(0, { ready: 100 }, [9, 1]), look(10, { ready: 0 }, [0, 1])]).in).to.equal(0);
  });

  it('sees a queue grow that nobody takes from', () => {
    const past = [look(0, { ready: 0, consumers: 0 }), look(10, { ready: 50, consumers: 0 })];
    expect(ratesOf('payment', past)).to.deep.equal({ inFlight: 0, out: 0, in: 5 });
  });

  it('is unknown of processes that do not tell, and while the broker is silent', () => {
    const untold = [look(0, { ready: 0 }), look(10, { ready: 50 })];
    expect(ratesOf('payment', untold)).to.deep.equal({ inFlight: null, out: null, in: null });
    const silent = [look(0, { ready: 0 }, [1, 2]), look(10, { ready: null, consumers: null }, [1, 2])];
    expect(ratesOf('payment', silent)).to.deep.equal({ inFlight: 1, out: 2, in: null });
  });
});
