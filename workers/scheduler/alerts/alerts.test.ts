import { expect } from 'chai';
import type { FleetReadings, QueueReading } from '../fleet-readings.js';
import { type Alert, type Condition, keyOf } from './alert.js';
import { conditionsOf } from './conditions.js';
import { evaluate } from './evaluate.js';
import { newsFor, stillToKeep, whenTold } from './news.js';
import { asJson, bodyText, headline } from './wording.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const REPEAT = 4 * HOUR;
const THRESHOLDS = { lagS: 300, outboxS: 120 };

/** A fleet where all is well, but for what is given. */
function readings(changes: Partial<FleetReadings> & { readonly payment?: Partial<QueueReading> } = {}): FleetReadings {
  const { payment, ...others } = changes;
  return {
    queues: [{ queue: 'payment', consumed: true, lagMs: 0, waiting: 0, consumers: 1, ...payment }],
    outbox: { depth: 0, oldestMs: 0 },
    timers: { scheduled: 0, overdue: 0, overdueMs: 0 },
    letters: [],
    audit: [],
    notices: [],
    ...others,
  };
}
const lagging = (seconds: number) => readings({ payment: { lagMs: seconds * SECOND } });
const letter = (code: string, count: number, status = 'open') => ({
  ...{ actor: 'payment', fingerprint: code, code, status, count },
});

describe('the conditions of alerts', () => {
  const bad = (given: FleetReadings): string[] =>
    conditionsOf(given, THRESHOLDS)
      .filter(({ state }) => state === 'bad')
      .map(({ rule, subject, summary }) => `${rule} ${subject}: ${summary}`);

  it('are all well in a fleet that is', () => {
    const states = conditionsOf(
      readings({ audit: [{ invariant: 3, title: null, checked: 9, violations: 0 }] }),
      THRESHOLDS,
    );
    expect(states.map(({ rule, state }) => `${rule} ${state}`)).to.have.members([
      'no-consumer well',
      'paused well',
      'lag well',
      'outbox well',
      'dead-letters well',
      'audit well',
    ]);
  });

  it('say what is bad, with what and how much', () => {
    const given = readings({
      payment: { consumers: 0, waiting: 7, lagMs: 301 * SECOND },
      outbox: { depth: 4, oldestMs: 3 * HOUR },
      letters: [letter('card.odd', 2), letter('card.even', 5), letter('card.even', 3, 'held')],
      audit: [{ invariant: 4, title: null, checked: 10, violations: 2 }],
    });
    expect(bad(given)).to.deep.equal([
      'no-consumer payment: nobody takes from the queue payment, where 7 messages wait',
      'lag payment: the oldest message for payment has waited for 5 min',
      'outbox outbox: 4 messages are not sent, the oldest for 3 h',
      'dead-letters payment: 7 dead letters of payment wait for somebody: 5 card.even, 2 card.odd',
      'audit 4: the audit found 2 violations of invariant 4',
    ]);
  });

  it('say of an actor that somebody has paused who did and why, and neither that nobody consumes nor that it lags', () => {
    const paused = { by: 'Ada', reason: 'the bank is moving', since: new Date(0) };
    const given = readings({ payment: { consumers: 0, waiting: 7, lagMs: 301 * SECOND, paused } });
    expect(bad(given)).to.deep.equal([
      'paused payment: the oldest message has waited for 5 min for payment, which Ada has paused: the bank is moving',
    ]);
    expect(bad(readings({ payment: { consumers: 0, lagMs: 20 * SECOND, paused } }))).to.deep.equal([]);
  });

  it('say what a worker has noted, under its name, and that it is well when it has nothing to say', () => {
    const notice = { worker: 'webhooks', subject: 'endpoints', level: 2, summary: '2 endpoints have failed' };
    expect(bad(readings({ notices: [notice] }))).to.deep.equal(['notice webhooks endpoints: 2 endpoints have failed']);
    const states = conditionsOf(readings({ notices: [{ ...notice, level: 0 }] }), THRESHOLDS);
    expect(states.find(({ rule }) => rule === 'notice')?.state).to.equal('well');
  });

  it('say nothing of what is not known', () => {
    const unknown = readings({ payment: { consumers: undefined, lagMs: undefined } });
    expect(conditionsOf(unknown, THRESHOLDS).map(({ rule }) => rule)).to.have.members(['outbox', 'dead-letters']);
  });

  it('are neither bad nor well between half of a threshold and the threshold', () => {
    const stateAt = (seconds: number) =>
      conditionsOf(lagging(seconds), THRESHOLDS).find(({ rule }) => rule === 'lag')?.state;
    expect([149, 150, 299, 300].map(stateAt)).to.deep.equal(['well', 'between', 'between', 'bad']);
  });
});

describe('alerts', () => {
  let alerts: Alert[];
  let now: number;
  beforeEach(() => {
    alerts = [];
    now = 0;
  });

  /** A round of 15 s with these readings; returns what a receiver is told. */
  const round = (given: FleetReadings, receiver = 'log'): string[] => {
    now += 15 * SECOND;
    alerts = evaluate(alerts, conditionsOf(given, THRESHOLDS), now);
    const news = newsFor(receiver, alerts, now, REPEAT);
    alerts = stillToKeep(whenTold(receiver, news, alerts, now), [receiver]);
    return news.map(({ status, alert }) => `${status} ${keyOf(alert)}`);
  };
  const rounds = (count: number, given: FleetReadings): string[] =>
    Array.from({ length: count }, () => round(given)).flat();

  it('are raised once when it has been bad for long enough, and resolved once when it has been well for as long', () => {
    expect(rounds(2, lagging(400))).to.deep.equal([]);
    expect(rounds(20, lagging(400))).to.deep.equal(['raised lag payment']);
    expect(rounds(4, lagging(0))).to.deep.equal([]);
    expect(rounds(20, lagging(0))).to.deep.equal(['resolved lag payment']);
    expect(alerts).to.deep.equal([]);
  });

  it('are not raised by what is bad for a moment', () => {
    for (let times = 0; times < 5; times++) {
      expect(rounds(2, lagging(400))).to.deep.equal([]);
      expect(round(lagging(0))).to.deep.equal([]);
    }
  });

  it('do not flap when it sways around the threshold, nor when it is well for a moment', () => {
    expect(rounds(3, lagging(400))).to.deep.equal(['raised lag payment']);
    for (let times = 0; times < 20; times++) {
      expect(round(lagging(299))).to.deep.equal([]);
      expect(round(lagging(301))).to.deep.equal([]);
      expect(rounds(3, lagging(0))).to.deep.equal([]);
      expect(round(lagging(160))).to.deep.equal([]);
    }
  });

  it('stay as they are while nothing is known, and are forgotten after a day of that', () => {
    rounds(3, lagging(400));
    const away = readings({ payment: { lagMs: undefined } });
    expect(rounds(100, away)).to.deep.equal([]);
    expect(alerts.map(keyOf)).to.deep.equal(['lag payment']);
    now += 24 * HOUR;
    expect(rounds(1, away)).to.deep.equal([]);
    expect(alerts).to.deep.equal([]);
  });

  it('are told again when they have stood for long, and before that when they became twice as bad', () => {
    const letters = (count: number) => readings({ letters: [letter('card.odd', count)] });
    expect(round(letters(2))).to.deep.equal(['raised dead-letters payment']);
    expect(round(letters(9))).to.deep.equal([]);
    now += 5 * MINUTE;
    expect(round(letters(9))).to.deep.equal(['repeated dead-letters payment']);
    now += 5 * MINUTE;
    expect(rounds(3, letters(10))).to.deep.equal([]);
    now += REPEAT;
    expect(rounds(3, letters(10))).to.deep.equal(['repeated dead-letters payment']);
  });

  it('are told to whom they were not told yet, and their end to nobody else', () => {
    rounds(3, lagging(400));
    expect(round(lagging(400), 'webhook')).to.deep.equal(['raised lag payment']);
    expect(round(lagging(400), 'webhook')).to.deep.equal([]);
    alerts = alerts.map((alert) => ({ ...alert, phase: 'resolved' as const }));
    const told = (receiver: string) => newsFor(receiver, alerts, now, REPEAT).map(({ status }) => status);
    expect([told('log'), told('webhook'), told('mail')]).to.deep.equal([['resolved'], ['resolved'], []]);
    alerts = whenTold('log', newsFor('log', alerts, now, REPEAT), alerts, now);
    expect(stillToKeep(alerts, ['log', 'webhook'])).to.have.length(1);
    expect(stillToKeep(alerts, ['log'])).to.have.length(0);
  });

  it('that come back before their end was told are not told anew, and their end is', () => {
    rounds(3, lagging(400));
    alerts = alerts.map((alert) => ({ ...alert, phase: 'resolved' as const }));
    expect(rounds(10, lagging(400))).to.deep.equal([]);
    expect(rounds(10, lagging(0))).to.deep.equal(['resolved lag payment']);
  });

  it('are told at most fifty at once, and the rest in the next round', () => {
    const many: Condition[] = Array.from({ length: 70 }, (_, at) => ({
      ...{ rule: 'audit', subject: String(at), level: 1, state: 'bad', summary: 'bad' },
    }));
    alerts = evaluate([], many, now);
    const first = newsFor('log', alerts, now, REPEAT);
    expect(first).to.have.length(50);
    alerts = whenTold('log', first, alerts, now);
    expect(newsFor('log', alerts, now, REPEAT)).to.have.length(20);
  });

  it('are worded for people and for machines', () => {
    rounds(3, lagging(400));
    alerts = [
      ...alerts.map((alert) => ({ ...alert, told: {} })),
      ...alerts.map((alert) => ({ ...alert, subject: 'b' })),
    ];
    const [first] = newsFor('mail', alerts, now, REPEAT);
    const resolved = newsFor(
      'log',
      alerts.slice(1).map((alert) => ({ ...alert, phase: 'resolved' as const })),
      now,
      REPEAT,
    );
    const news = first === undefined ? [] : [first, ...resolved];
    const bulletin = { news, release: 'r7', at: new Date(now) };
    expect(headline(bulletin)).to.equal('the oldest message for payment has waited for 7 min; and 1 more');
    expect(bodyText(bulletin)).to.include('Over: the oldest message for payment has waited for 7 min\nSince 1970-');
    expect(asJson(bulletin)).to.deep.include({ source: 'warren', release: 'r7', at: '1970-01-01T00:00:45.000Z' });
    const [told] = (asJson(bulletin) as { alerts: object[] }).alerts;
    expect(told).to.deep.include({
      id: 'lag payment 15000',
      status: 'raised',
      rule: 'lag',
      level: 400,
      unit: 'seconds',
    });
  });
});
