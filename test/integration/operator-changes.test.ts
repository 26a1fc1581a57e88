import { expect } from 'chai';
import { v7 } from 'uuid';
import { heldLetterOf } from '../../shared/actors/dead-letter.js';
import { type DeadLetter, fileDeadLetters } from '../../shared/postgres/dead-letters.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { type OperatorAnswer, operate } from '../support/operator.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { sampleLetter } from '../support/sample-letter.js';

describe('what an operator changes', () => {
  const web = intakePerTest();
  let key: string;
  const order = v7();

  beforeEach(async () => {
    key = await web.operatorKey('operator');
  });

  const get = async <T>(path: string): Promise<T> => {
    const { status, body } = await operate(web.intake.url, 'GET', path, undefined, key);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body as T;
  };
  const post = (path: string, body: unknown, as = key): Promise<OperatorAnswer> =>
    operate(web.intake.url, 'POST', path, body, as);
  const reason = 'it is mended';
  const file = (...letters: DeadLetter[]): Promise<void> =>
    web.database.transaction((transaction) => fileDeadLetters(transaction, letters));
  interface Listed {
    readonly id: string;
    readonly messageId: string;
    readonly status: string;
  }
  const list = async (query = ''): Promise<readonly Listed[]> =>
    (await get<{ items: Listed[] }>(`/dead-letters${query}`)).items;
  const idOf = async ({ messageId }: { readonly messageId: string }): Promise<string> =>
    (await list()).find((one) => one.messageId === messageId)?.id ?? '';
  const statusOf = async (id: string): Promise<string> => (await get<Listed>(`/dead-letters/${id}`)).status;
  const actions = async (): Promise<Record<string, unknown>[]> =>
    (await get<{ items: Record<string, unknown>[] }>('/actions')).items;
  const held = async (messageId: string): Promise<void> => {
    const message = { content: Buffer.from('{}'), routingKey: 'x', messageId, correlationId: order, headers: {} };
    const letter = heldLetterOf({ ...message, type: 'orders.order-ready' }, { actor: 'shipping', release: 'r1' });
    await web.database.transaction((transaction) => fileDeadLetters(transaction, [], [letter]));
  };

  it('is an order that is cancelled once, with who wished it and why', async () => {
    await stockCatalogue(web.database);
    const { body } = await web.intake.call('POST', '/orders', {
      headers: { 'idempotency-key': 'one' },
      body: orderBody,
    });
    const id = String(body['orderId']);
    for (let time = 0; time < 2; time++) {
      const answer = await post(`/orders/${id}/cancel`, { reason: 'the customer rang' });
      expect([answer.status, answer.body['status']]).to.deep.equal([202, 'INITIATED']);
    }
    const { rows } = await web.database.query({ text: "select 1 from event_log where type = 'orders.cancel-order'" });
    expect(rows).to.have.length(1);
    const [action] = await actions();
    expect(action).to.include({
      by: 'ada',
      action: 'cancel',
      thing: 'order',
      thingId: id,
      reason: 'the customer rang',
    });
    await web.database.query({ text: "update orders set status = 'SHIPPED'" });
    expect((await post(`/orders/${id}/cancel`, { reason })).body).to.include({ code: 'order.already-shipped' });
    expect((await post(`/orders/${v7()}/cancel`, { reason })).status).to.equal(404);
    expect(await actions()).to.have.length(2);
  });

  it('needs a reason and the role, and without them nothing is changed or noted', async () => {
    await file(sampleLetter());
    const [{ id } = { id: '' }] = await list();
    const viewer = await web.operatorKey('viewer', 'eve');
    for (const path of [`/dead-letters/${id}/discard`, `/dead-letters/${id}/redrive`, `/orders/${v7()}/cancel`]) {
      expect((await post(path, {})).body).to.have.nested.property('errors[0].pointer', '/reason');
      expect((await post(path, { reason: ' ' })).status).to.equal(422);
      const forbidden = await post(path, { reason }, viewer);
      expect([forbidden.status, forbidden.body['code']]).to.deep.equal([403, 'operator.forbidden']);
    }
    expect((await operate(web.intake.url, 'GET', '/dead-letters', undefined, viewer)).status).to.equal(200);
    expect(await statusOf(id)).to.equal('open');
    expect(await actions()).to.deep.equal([]);
  });

  it('is found among the dead letters: filtered, page by page, grouped, and whole', async () => {
    const letters = [
      sampleLetter({ correlationId: order }),
      sampleLetter(),
      sampleLetter({ actor: 'email', fingerprint: 'f2' }),
    ];
    await file(...letters);
    expect(await list('?actor=shipping')).to.have.length(2);
    expect(await list(`?order=${order}`)).to.have.length(1);
    expect(await list('?status=discarded')).to.deep.equal([]);
    const page = await get<{ items: Listed[]; nextCursor: string }>('/dead-letters?limit=2');
    const rest = await list(`?limit=2&cursor=${page.nextCursor}`);
    expect([...page.items, ...rest].map(({ messageId }) => messageId)).to.deep.equal(
      letters.map(({ messageId }) => messageId),
    );
    const { items } = await get<{ items: { fingerprint: string; count: number }[] }>('/dead-letters/groups');
    expect(items.map(({ fingerprint, count }) => [fingerprint, count])).to.deep.equal([
      ['f1', 2],
      ['f2', 1],
    ]);
    expect(await get(`/dead-letters/${page.items[0]?.id}`)).to.include({ stack: 'at line 1', body: '{"orderId":7}' });
    expect((await operate(web.intake.url, 'GET', `/dead-letters/${v7()}`, undefined, key)).body).to.include({
      code: 'dead-letter.not-found',
    });
  });

  it('is a letter that is redriven at once, or several as a job whose progress is told and which can be ended', async () => {
    const [first, second] = [sampleLetter({ correlationId: order }), sampleLetter({ correlationId: order })];
    await file(first, second, sampleLetter({ actor: 'email' }), sampleLetter({ messageId: 'no uuid', actor: 'email' }));
    const [firstId, secondId] = [await idOf(first), await idOf(second)];
    const one = await post(`/dead-letters/${secondId}/redrive`, { reason });
    expect(one.body).to.deep.equal({ letter: secondId, behind: firstId });
    expect(await statusOf(secondId)).to.equal('redriving');
    expect((await post(`/dead-letters/${secondId}/redrive`, { reason })).body).to.include({
      code: 'dead-letter.status',
    });
    const many = await post('/dead-letters/redrive', { filter: { actor: 'email' }, reason });
    // The one without an id is left out.
    expect([many.status, many.body['total'], many.body['madeBy']]).to.deep.equal([202, 1, 'ada']);
    const job = String(many.body['id']);
    expect(await get(`/redrive-jobs/${job}`)).to.include({ status: 'running', done: 0, perSecond: 50 });
    const again = await post('/dead-letters/redrive', { filter: { actor: 'email' }, reason });
    expect([again.status, again.body['code']]).to.deep.equal([409, 'dead-letter.none']);
    expect((await post(`/redrive-jobs/${job}/cancel`, { reason })).body).to.deep.equal({ cancelled: true });
    expect((await post(`/redrive-jobs/${job}/cancel`, { reason })).status).to.equal(404);
    const { items } = await get<{ items: { status: string }[] }>('/redrive-jobs');
    expect(items.map(({ status }) => status)).to.deep.equal(['cancelled']);
    expect((await actions()).map(({ action, thing, thingId }) => [action, thing, thingId])).to.deep.equal([
      ['cancel', 'redrive-job', job],
      ['redrive', 'dead-letters', null],
      ['redrive', 'dead-letter', secondId],
    ]);
  });

  it('is a payload, only where it then fits its contract', async () => {
    const wrong = sampleLetter({ correlationId: order });
    await file(wrong);
    const id = await idOf(wrong);
    const refused = await post(`/dead-letters/${id}/edit`, { reason, payload: { orderId: 'seven' } });
    expect([refused.status, refused.body['code']]).to.deep.equal([422, 'dead-letter.payload']);
    expect(refused.body['detail']).to.include('orders.order-ready at ');
    expect(await statusOf(id)).to.equal('open');
    expect(await actions()).to.deep.equal([]);
    const shippingAddress = { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' };
    const payload = { orderId: order, customer: { name: 'Ada', email: 'ada@example.com' }, shippingAddress, lines: [] };
    const { body: edited } = await post(`/dead-letters/${id}/edit`, { reason, payload });
    expect(await statusOf(id)).to.equal('replaced');
    const replacement = await get<Listed & { headers: object }>(`/dead-letters/${edited['letter']}`);
    expect(replacement).to.include({ status: 'redriving', messageId: edited['messageId'] });
    expect(replacement.headers).to.include({ 'warren-causation-id': wrong.messageId });
    expect((await actions())[0]).to.deep.include({ action: 'edit', thingId: id, details: edited });
  });

  it('is what is open and fits, and what waits only by name', async () => {
    const waiting = v7();
    await file(sampleLetter({ correlationId: order }));
    await held(waiting);
    const heldId = await idOf({ messageId: waiting });
    expect((await post(`/dead-letters/${heldId}/redrive`, { reason })).body['detail']).to.include(
      'waits behind another of its order',
    );
    const discarded = await post('/dead-letters/discard', { filter: { order }, reason });
    expect(discarded.body).to.deep.equal({ discarded: 1 });
    expect(await statusOf(heldId)).to.equal('held');
    expect((await post(`/dead-letters/${heldId}/discard`, { reason })).body).to.deep.equal({ discarded: 1 });
    expect((await post(`/dead-letters/${heldId}/discard`, { reason })).body).to.include({ code: 'dead-letter.status' });
  });

  it('is never everything because a filter was forgotten', async () => {
    await file(sampleLetter());
    for (const [body, pointer] of [
      [{ reason }, '/filter'],
      [{ reason, filter: {} }, '/filter'],
      [{ reason, filter: { actor: 'shipping' }, all: true }, '/all'],
    ] as const) {
      for (const path of ['/dead-letters/redrive', '/dead-letters/discard'])
        expect((await post(path, body)).body, JSON.stringify(body)).to.have.nested.property(
          'errors[0].pointer',
          pointer,
        );
    }
    expect((await list()).map(({ status }) => status)).to.deep.equal(['open']);
    expect((await post('/dead-letters/discard', { reason, all: true })).body).to.deep.equal({ discarded: 1 });
  });
});
