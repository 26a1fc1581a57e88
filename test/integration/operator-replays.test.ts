import { expect } from 'chai';
import { v7 } from 'uuid';
import { intakePerTest } from '../support/intake-per-test.js';
import { type OperatorAnswer, operate } from '../support/operator.js';

describe('a replay that an operator asks for', () => {
  const web = intakePerTest();
  let key: string;
  const reason = 'shipping was mended';
  const order = v7();

  beforeEach(async () => {
    key = await web.operatorKey('operator');
  });

  const ask = (method: string, path: string, body?: object, as = key): Promise<OperatorAnswer> =>
    operate(web.intake.url, method, path, body, as);
  const made = async (body: object = {}): Promise<Record<string, unknown>> => {
    const answer = await ask('POST', '/replays', { to: 'shipping', from: '2026-11-01', reason, ...body });
    if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const move = async (id: unknown, action: string): Promise<unknown[]> => {
    const { status, body } = await ask('POST', `/replays/${id}/${action}`, { reason });
    return status === 200 ? [status, body['status']] : [status, body['code']];
  };
  /** As the process of the actor would. */
  const rehearsed = (): Promise<unknown> =>
    web.database.query({ text: "update replays set status = 'rehearsed' where status = 'rehearsing'" });

  it('is rehearsed, started, paused, resumed and cancelled, one after the other, with who did it and why', async () => {
    const replay = await made({ until: '2026-11-20T12:00:00+01:00', types: 'orders.*', order, perSecond: 7 });
    expect(replay).to.include({
      to: 'shipping',
      types: 'orders.*',
      order,
      perSecond: 7,
      effects: false,
      madeBy: 'ada',
    });
    expect([replay['from'], replay['until']]).to.deep.equal(['2026-11-01T00:00:00.000Z', '2026-11-20T11:00:00.000Z']);
    const { id } = replay;
    expect(await move(id, 'start')).to.deep.equal([409, 'replay.status']);
    await rehearsed();
    expect(await move(id, 'resume')).to.deep.equal([409, 'replay.status']);
    expect(await move(id, 'start')).to.deep.equal([200, 'running']);
    expect(await move(id, 'pause')).to.deep.equal([200, 'paused']);
    expect(await move(id, 'resume')).to.deep.equal([200, 'running']);
    expect(await move(id, 'cancel')).to.deep.equal([200, 'cancelled']);
    expect(await move(id, 'cancel')).to.deep.equal([409, 'replay.status']);
    expect(await move(v7(), 'start')).to.deep.equal([404, 'replay.not-found']);
    const { body } = await ask('GET', `/actions?thing=replay&thingId=${id}`);
    const actions = body['items'] as readonly Record<string, unknown>[];
    expect(actions.map(({ by, action, reason }) => [by, action, reason])).to.deep.equal(
      ['cancel', 'resume', 'pause', 'start', 'rehearse'].map((action) => ['ada', action, reason]),
    );
    expect(actions.at(-1)?.['details']).to.include({ to: 'shipping', types: 'orders.*', order });
  });

  it('may be looked at by a viewer, and changed by an operator only', async () => {
    const { id } = await made();
    const viewer = await web.operatorKey('viewer', 'eve');
    expect((await ask('GET', `/replays/${id}`, undefined, viewer)).body).to.include({ status: 'rehearsing' });
    const { body } = await ask('GET', '/replays', undefined, viewer);
    expect(body['items']).to.have.length(1);
    for (const path of ['/replays', `/replays/${id}/cancel`]) {
      const forbidden = await ask('POST', path, { to: 'shipping', order, reason }, viewer);
      expect([forbidden.status, forbidden.body['code']]).to.deep.equal([403, 'operator.forbidden']);
    }
  });

  it('is refused where it says not whom, since when or why, or what nobody takes', async () => {
    for (const [body, pointer, part] of [
      [{ from: '2026-11-01', reason }, '/to', ''],
      [{ to: 'nobody', from: '2026-11-01', reason }, '/to', 'inventory, orders, payment, shipping'],
      [{ to: 'shipping', reason }, '/from', 'order'],
      [{ to: 'shipping', from: '2026-11-01' }, '/reason', ''],
      [{ to: 'shipping', from: 'yesterday', reason }, '/from', '2026-11-01'],
      [{ to: 'shipping', from: '2026-02-30T99:00:00Z', reason }, '/from', 'calendar'],
      [{ to: 'shipping', from: '2026-11-02', until: '2026-11-01', reason }, '/from', 'before'],
      [{ to: 'shipping', from: '2999-01-01', reason }, '/from', 'past'],
      [{ to: 'shipping', from: '2026-11-01', types: 'inventory.*', reason }, '/types', 'orders.order-ready'],
      [{ to: 'shipping', from: '2026-11-01', types: "'; drop", reason }, '/types', 'orders.*'],
      [{ to: 'shipping', from: '2026-11-01', perSecond: 0, reason }, '/perSecond', ''],
    ] as const) {
      const { status, body: answer } = await ask('POST', '/replays', body);
      const [fault] = answer['errors'] as readonly { pointer: string; detail: string }[];
      expect([status, fault?.pointer], JSON.stringify(body)).to.deep.equal([422, pointer]);
      expect(fault?.detail).to.include(part);
    }
    expect((await ask('GET', '/replays')).body).to.deep.equal({ items: [] });
    expect((await ask('GET', '/actions')).body).to.deep.equal({ items: [] });
  });
});
