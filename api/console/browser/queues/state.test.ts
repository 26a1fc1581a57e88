import { expect } from 'chai';
import type { ActorStatus, Live } from '../answers.js';
import { stateOf } from './state.js';

const at = '2026-11-22T12:05:00.000Z';
const live: Pick<Live, 'at' | 'rabbitmq' | 'circuits'> = { at, rabbitmq: { reachable: true }, circuits: [] };
const actor: ActorStatus = {
  actor: 'payment',
  ready: 0,
  consumers: 2,
  oldestWaitingMs: null,
  paused: null,
  prefetch: { set: null, declared: 50 },
  handles: [],
  deadLetters: { open: 0, held: 0, redriving: 0 },
};
const paused = { by: 'ada', reason: 'the provider is being mended', since: '2026-11-22T12:00:00.000Z' };
const circuit = { provider: 'payment provider', actors: ['payment'], reason: null, openedAt: at, nextTryAt: at };

describe('the state of an actor in the console', () => {
  for (const [what, change, view, mood, word] of [
    ['is well', {}, {}, 'well', 'well'],
    ['is well while it works off what has just come', { ready: 900, oldestWaitingMs: 2000 }, {}, 'well', 'well'],
    ['is overloaded when what is ready grows old', { ready: 900, oldestWaitingMs: 20_000 }, {}, 'warn', 'overloaded'],
    ['is behind when something old is in hand', { oldestWaitingMs: 20_000 }, {}, 'warn', 'behind'],
    [
      'lacks consumers, however much waits',
      { consumers: 0, ready: 900, oldestWaitingMs: 20_000 },
      {},
      'ill',
      'no consumer',
    ],
    ['lacks its queue', { consumers: null, ready: null }, {}, 'ill', 'no queue'],
    ['is paused, though nobody consumes', { consumers: 0, paused, oldestWaitingMs: 20_000 }, {}, 'paused', 'paused'],
    [
      'is unknown while the broker is silent',
      { consumers: null },
      { rabbitmq: { reachable: false } },
      'ill',
      'unknown',
    ],
    ['waits for its provider', {}, { circuits: [circuit] }, 'warn', 'waits'],
  ] as const)
    it(what, () => {
      expect(stateOf({ ...actor, ...change }, { ...live, ...view })).to.include({ mood, word });
    });

  it('tells who has paused it, how long ago, why, and who is not through yet', () => {
    const { more } = stateOf({ ...actor, paused, consumers: 1 }, live);
    expect(more).to.equal('by ada for 5 min: the provider is being mended; 1 finish what they hold');
  });
});
