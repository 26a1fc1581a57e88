import { expect } from 'chai';
import type { FleetStatus } from './status.js';
import { verdictOn } from './verdict.js';

describe('the verdict on the fleet', () => {
  const nothing = { open: 0, held: 0, redriving: 0 };
  const well: FleetStatus = {
    rabbitmq: { reachable: true },
    actors: [
      {
        ...{ actor: 'payment', handles: [], ready: 4, consumers: 1, oldestWaitingMs: 900, paused: null },
        ...{ prefetch: { set: null, declared: 100 }, deadLetters: nothing },
      },
    ],
    circuits: [],
    outbox: { depth: 12, oldestMs: 200 },
    timers: { scheduled: 40, overdue: 1, overdueMs: 300 },
    deadLetters: { ...nothing, unfiled: 0 },
    retrying: 3,
    orders: { lookedAt: 0, since: null, byStatus: {}, oldest: {}, oldestUnfinished: null },
  };
  const codes = (over: Partial<FleetStatus>): string[] =>
    verdictOn({ ...well, ...over }).reasons.map(({ code }) => code);
  const actor = (over: Partial<FleetStatus['actors'][number]>) => ({
    actors: well.actors.map((one) => ({ ...one, ...over })),
  });

  it('is well while everything moves, however much waits', () => {
    expect(verdictOn(well)).to.deep.equal({ well: true, reasons: [] });
  });

  it('names each thing that does not move, with a remedy', () => {
    expect(codes(actor({ consumers: 0 }))).to.deep.equal(['actor.no-consumer']);
    expect(codes(actor({ consumers: null, ready: null }))).to.deep.equal(['queue.missing']);
    expect(codes(actor({ oldestWaitingMs: 61_000 }))).to.deep.equal(['actor.behind']);
    expect(codes({ outbox: { depth: 1, oldestMs: 61_000 } })).to.deep.equal(['outbox.behind']);
    expect(codes({ timers: { scheduled: 1, overdue: 1, overdueMs: 61_000 } })).to.deep.equal(['timers.overdue']);
    expect(codes({ deadLetters: { ...nothing, open: 2, unfiled: 1 } })).to.deep.equal([
      'dead-letters.open',
      'dead-letters.unfiled',
    ]);
    const at = new Date();
    expect(
      codes({
        circuits: [{ provider: 'carrier', actors: ['shipping'], reason: null, openedAt: at, nextTryAt: at }],
      }),
    ).to.deep.equal(['provider.ill']);
    for (const { remedy } of verdictOn({ ...well, ...actor({ consumers: 0 }) }).reasons)
      expect(remedy).to.include('start.js payment');
  });

  it('says of a paused actor who paused it and why, and nothing of what follows from that', () => {
    const paused = { by: 'Ada', reason: 'the bank is moving', since: new Date('2026-01-01T00:00:00Z') };
    const { reasons } = verdictOn({ ...well, ...actor({ paused, consumers: 0, oldestWaitingMs: 900_000 }) });
    expect(reasons).to.deep.equal([
      {
        code: 'actor.paused',
        says: 'Ada has paused payment since 2026-01-01T00:00:00.000Z: the bank is moving',
        remedy: 'warren queues resume payment --reason "WHAT WAS MENDED"',
      },
    ]);
  });

  it('says of a silent broker only that: nothing is known of its queues', () => {
    const silent = { rabbitmq: { reachable: false, why: 'no answer' }, ...actor({ consumers: null, ready: null }) };
    expect(codes(silent)).to.deep.equal(['broker.silent']);
  });
});
