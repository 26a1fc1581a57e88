import { expect } from 'chai';
import { v7 } from 'uuid';
import { ensureDevelopmentOperator } from '../../api/development-keys.js';
import { recordAction } from '../../api/operators/actions.js';
import { createOperator, revokeOperator } from '../../api/operators/operator.js';
import { DEVELOPMENT } from '../../config/environment.js';
import type { Answer } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { until } from '../support/until.js';

describe('the keys of operators', () => {
  const web = intakePerTest();

  const call = (key: string, method: string, path: string, body?: unknown): Promise<Answer> =>
    web.intake.call(method, path, { headers: { authorization: `Bearer ${key}` }, body });

  it('open the operator’s routes and nothing else, and a storefront’s opens none of them', async () => {
    const key = await web.operatorKey('operator');
    expect((await call(key, 'GET', '/operator/me')).body).to.include({ name: 'ada', role: 'operator' });
    expect((await call(key, 'GET', '/stock')).status).to.equal(401);
    const stranger = await web.intake.call('GET', '/operator/me');
    expect([stranger.status, stranger.body['code']]).to.deep.equal([401, 'request.unauthenticated']);
  });

  it('are stored as a hash, with so few characters that these open nothing', async () => {
    const key = await web.operatorKey('operator');
    const { rows } = await web.database.query<{ row: string; key_prefix: string }>({
      text: 'select key_prefix, operators::text as row from operators',
    });
    expect(rows[0]?.row).not.to.contain(key);
    expect(key).to.match(/^wo_live_[\w-]{32}$/);
    expect(rows[0]?.key_prefix).to.equal(key.slice(0, 12));
  });

  it('open nothing any more once they are revoked, and the name is free again', async () => {
    const key = await web.operatorKey('viewer');
    expect((await call(key, 'GET', '/operator/me')).status).to.equal(200);
    expect(await createOperator(web.database, { name: 'ada', role: 'viewer' })).to.equal(undefined);
    expect(await revokeOperator(web.database, 'ada')).to.equal(true);
    await until('the key is refused', async () => (await call(key, 'GET', '/operator/me')).status === 401);
    expect(await web.operatorKey('viewer')).not.to.equal('');
  });

  it('that everybody knows is there where development asks for it, however often', async () => {
    await ensureDevelopmentOperator(web.database);
    await ensureDevelopmentOperator(web.database);
    expect((await call(DEVELOPMENT.operatorKey, 'GET', '/operator/me')).body).to.include({ role: 'operator' });
  });

  it('list what was changed page by page, the newest first', async () => {
    const key = await web.operatorKey('viewer');
    const ada = { id: v7(), name: 'ada', role: 'operator' } as const;
    for (const thingId of ['one', 'two', 'three'])
      await web.database.transaction((transaction) =>
        recordAction(transaction, ada, { action: 'cancel', thing: 'order', thingId, reason: 'asked to' }),
      );
    const first = (await call(key, 'GET', '/operator/actions?limit=2')).body as {
      items: { thingId: string; by: string; reason: string }[];
      nextCursor: string;
    };
    expect(first.items.map(({ thingId }) => thingId)).to.deep.equal(['three', 'two']);
    expect(first.items[0]).to.include({ by: 'ada', reason: 'asked to' });
    const rest = (await call(key, 'GET', `/operator/actions?limit=2&cursor=${first.nextCursor}`)).body;
    expect(rest).to.have.nested.property('items[0].thingId', 'one');
    expect(rest).not.to.have.property('nextCursor');
    expect((await call(key, 'GET', '/operator/actions?thing=order&thingId=two')).body)
      .to.have.property('items')
      .with.length(1);
    expect((await call(key, 'GET', '/operator/actions?cursor=abc')).status).to.equal(422);
  });
});
