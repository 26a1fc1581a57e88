import { expect } from 'chai';
import { v7 } from 'uuid';
import { SCOPES } from '../../api/storefronts/key.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { type OperatorAnswer, operate } from '../support/operator.js';
import { until } from '../support/until.js';

interface Made {
  readonly id: string;
  readonly key: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
}

describe('storefronts and their keys, as operators have them', () => {
  const web = intakePerTest();
  const reason = 'a new shop';
  let operator: string;
  let id: string;

  beforeEach(async () => {
    operator = await web.operatorKey('operator');
    id = String((await post('/storefronts', { name: 'Market stall', reason })).body['id']);
  });

  const post = (path: string, body: unknown, as = operator): Promise<OperatorAnswer> =>
    operate(web.intake.url, 'POST', path, body, as);
  const listed = async (path: string): Promise<Record<string, unknown>[]> => {
    const { status, body } = await operate(web.intake.url, 'GET', path, undefined, operator);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body['items'] as Record<string, unknown>[];
  };
  const make = async (scopes: readonly string[] = SCOPES): Promise<Made> => {
    const { status, body } = await post(`/storefronts/${id}/keys`, { scopes, name: 'till', reason });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body as unknown as Made;
  };
  const stock = async (key: string): Promise<number> =>
    (await web.intake.call('GET', '/stock', { headers: { authorization: `Bearer ${key}` } })).status;

  it('tell a key once, to who made it: no list, no note and no row has it', async () => {
    const { key, prefix } = await make(['orders:read']);
    expect(await stock(key)).to.equal(200);
    expect(key.startsWith(`${prefix}_`)).to.equal(true);
    const secret = key.slice(prefix.length + 1);
    const [keys, actions] = [await listed(`/keys?storefront=${id}`), await listed('/actions')];
    expect(keys).to.have.length(1);
    expect(keys[0]).to.deep.include({
      prefix,
      storefront: 'Market stall',
      name: 'till',
      mode: 'live',
      revokedAt: null,
    });
    expect(JSON.stringify([keys, actions]))
      .to.include(prefix)
      .and.not.include(secret);
    const { rows } = await web.database.query<{ row: string }>({ text: 'select api_keys::text as row from api_keys' });
    expect(rows.map(({ row }) => row).join()).not.to.include(secret);
  });

  it('tell a key to nobody who keeps answers', async () => {
    const response = await fetch(`${web.intake.url}/operator/storefronts/${id}/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ scopes: ['orders:read'], reason }),
    });
    expect([response.status, response.headers.get('cache-control')]).to.deep.equal([201, 'no-store']);
  });

  it('are changed by operators, with a reason, and not by viewers', async () => {
    const viewer = await web.operatorKey('viewer', 'bob');
    const { prefix } = await make();
    for (const path of [
      '/storefronts',
      ...['keys', 'rename', 'disable', 'enable'].map((action) => `/storefronts/${id}/${action}`),
      `/keys/${prefix}/revoke`,
    ]) {
      expect((await post(path, {}, viewer)).body, path).to.include({ code: 'operator.forbidden' });
      expect((await post(path, {})).body, path).to.include({ code: 'request.invalid' });
    }
    expect((await operate(web.intake.url, 'GET', '/keys', undefined, viewer)).status).to.equal(200);
    await post(`/storefronts/${id}/rename`, { name: 'Stall', reason: 'it moved' });
    await post(`/keys/${prefix}/revoke`, { reason: 'it was mislaid' });
    const actions = await listed('/actions');
    expect(actions.map(({ action, thing, reason: why }) => `${action} ${thing}: ${why}`)).to.deep.equal([
      'revoke api-key: it was mislaid',
      'rename storefront: it moved',
      'create api-key: a new shop',
      'create storefront: a new shop',
    ]);
    expect(actions[0]?.['details']).to.deep.include({ prefix, storefront: 'Stall' });
  });

  it('have scopes that are known and named once', async () => {
    for (const scopes of [[], ['orders:delete'], ['orders:read', 'orders:read']]) {
      const { body } = await post(`/storefronts/${id}/keys`, { scopes, reason });
      expect(body, scopes.join()).to.include({ code: 'request.invalid' });
    }
    const { body } = await post(`/storefronts/${id}/keys`, { scopes: ['orders:delete'], reason });
    expect(body).to.have.nested.property('errors[0].pointer', '/scopes/0');
    expect(body).to.have.nested.property('errors[0].detail', `must be one of ${SCOPES.join(', ')}`);
  });

  it('are two a storefront, and the third is made once one of them is revoked', async () => {
    const [first, second] = [await make(), await make()];
    const refused = await post(`/storefronts/${id}/keys`, { scopes: SCOPES, reason });
    expect([refused.status, refused.body['code']]).to.deep.equal([409, 'api-key.enough']);
    expect(refused.body['detail']).to.include(first.prefix).and.include(second.prefix);
    expect((await post(`/keys/${first.prefix}/revoke`, { reason })).status).to.equal(200);
    await make();
    await until('the first is refused', async () => (await stock(first.key)) === 401);
    expect(await stock(second.key)).to.equal(200);
  });

  it('are revoked by id or public part, once', async () => {
    const { prefix, id: keyId } = await make();
    expect((await post(`/keys/${keyId}/revoke`, { reason })).body).to.include({ prefix, storefront: 'Market stall' });
    for (const [named, code, status] of [
      [prefix, 'api-key.revoked', 409],
      [keyId, 'api-key.revoked', 409],
      [`${prefix}0`, 'api-key.not-found', 404],
      [v7(), 'api-key.not-found', 404],
    ] as const) {
      const refused = await post(`/keys/${named}/revoke`, { reason });
      expect([refused.status, refused.body['code']], named).to.deep.equal([status, code]);
    }
  });

  it('are let in no more while the storefront is disabled, and again when it is not', async () => {
    const { key } = await make();
    expect(await stock(key)).to.equal(200);
    expect((await post(`/storefronts/${id}/enable`, { reason })).body).to.include({ code: 'storefront.not-disabled' });
    expect((await post(`/storefronts/${id}/disable`, { reason })).body['disabledAt']).to.be.a('string');
    expect((await post(`/storefronts/${id}/disable`, { reason })).body).to.include({ code: 'storefront.disabled' });
    const refused = await post(`/storefronts/${id}/keys`, { scopes: SCOPES, reason });
    expect([refused.status, refused.body['code']]).to.deep.equal([409, 'storefront.disabled']);
    await until('it is refused', async () => (await stock(key)) === 401);
    expect((await post(`/storefronts/${id}/enable`, { reason })).body['disabledAt']).to.equal(null);
    await until('it is let in', async () => (await stock(key)) === 200);
  });

  it('are listed page by page, with the keys that are let in', async () => {
    await createStorefront(web.database, 'Third');
    await make();
    const storefronts = await listed('/storefronts');
    expect(storefronts.map(({ name, keys }) => [name, keys])).to.deep.equal([
      ['Test', 1],
      ['Market stall', 1],
      ['Third', 1],
    ]);
    const get = (path: string) => operate(web.intake.url, 'GET', path, undefined, operator);
    for (const path of ['/storefronts', '/keys']) {
      const first = (await get(`${path}?limit=2`)).body;
      expect(first).to.have.property('items').with.length(2);
      const rest = (await get(`${path}?limit=2&cursor=${first['nextCursor']}`)).body;
      expect(rest).to.have.property('items').with.length(1);
      expect(rest).not.to.have.property('nextCursor');
    }
  });

  it('that nobody made are answered 404, and what is no id 422', async () => {
    for (const action of ['rename', 'disable', 'enable', 'keys']) {
      const body = { reason, ...(action === 'rename' && { name: 'x' }), ...(action === 'keys' && { scopes: SCOPES }) };
      const missing = await post(`/storefronts/${v7()}/${action}`, body);
      expect([missing.status, missing.body['code']], action).to.deep.equal([404, 'storefront.not-found']);
      expect((await post(`/storefronts/nothing/${action}`, body)).status, action).to.equal(422);
    }
    expect((await operate(web.intake.url, 'GET', '/keys?storefront=x', undefined, operator)).status).to.equal(422);
  });
});
