import { expect } from 'chai';
import { v7 } from 'uuid';
import { hashOf } from '../../api/api-key.js';
import { drawKey, SCOPES, type Scope } from '../../api/storefronts/key.js';
import { createKey, noteUse, revokeKey } from '../../api/storefronts/stored-keys.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { Database, type Rows, type Statement } from '../../shared/postgres/database.js';
import { migrate } from '../../shared/postgres/migrate.js';
import { createDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { intakePerTest } from '../support/intake-per-test.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { ServerSentEvents } from '../support/server-sent-events.js';
import { until } from '../support/until.js';

const MIGRATION = '20261122110000_api_keys';
const NOWHERE = '/orders/01938f00-0000-7000-8000-000000000001';

/** Every route that takes the key of a storefront: which scope it needs, and how it answers who has it. */
const ROUTES: readonly (readonly [method: string, path: string, scope: Scope | 'any', status: number])[] = [
  ['POST', '/orders', 'orders:write', 422],
  ['GET', NOWHERE, 'orders:read', 404],
  ['GET', `${NOWHERE}/events`, 'orders:read', 404],
  ['POST', `${NOWHERE}/cancel`, 'orders:write', 404],
  ['PUT', '/stock/CUP', 'stock:write', 422],
  ['POST', '/stock/CUP/receipts', 'stock:write', 422],
  ['POST', '/webhooks/endpoints', 'webhooks:write', 422],
  ['GET', '/webhooks/endpoints', 'webhooks:write', 200],
  ['GET', '/webhooks/deliveries', 'webhooks:write', 200],
  ['GET', '/stock', 'any', 200],
  ['GET', '/stock/NOPE', 'any', 404],
];

/** Knows by name which statements were asked of it. */
class AskedDatabase extends Database {
  asked: (string | undefined)[] = [];

  override query<R extends object>(statement: Statement): Promise<Rows<R>> {
    this.asked.push(statement.name);
    return super.query<R>(statement);
  }
}

describe('the keys of storefronts', () => {
  let database: AskedDatabase;
  const web = intakePerTest((url) => {
    database = new AskedDatabase({ url, connections: 2, applicationName: 'warren test web' });
    return { database };
  });

  const newKey = async (scopes: readonly Scope[] = SCOPES, storefrontId?: string) => {
    const owner = storefrontId ?? (await createStorefront(web.database, 'Shop')).id;
    const id = v7();
    const drawn = await web.database.transaction((transaction) =>
      createKey(transaction, { id, storefrontId: owner, mode: 'live', scopes }),
    );
    return { id, ...drawn };
  };
  const call = (key: string, method: string, path: string, body?: unknown) =>
    web.intake.call(method, path, { headers: { authorization: `Bearer ${key}` }, body });
  const statusOf = async (key: string): Promise<number> => (await call(key, 'GET', '/stock')).status;

  it('open the routes of their scopes and no other, and the refusal names the scope that is missing', async () => {
    for (const scope of SCOPES) {
      const { key } = await newKey([scope]);
      for (const [method, path, needed, status] of ROUTES) {
        const answer = await call(key, method, path, method === 'GET' ? undefined : {});
        const what = `${method} ${path} with ${scope}`;
        if (needed === 'any' || needed === scope) expect(answer.status, what).to.equal(status);
        else {
          expect([answer.status, answer.body['code']], what).to.deep.equal([403, 'request.scope']);
          expect(answer.body['detail'], what).to.include(needed);
        }
      }
    }
  });

  it('are refused for their scope before the body is read', async () => {
    const { key } = await newKey(['orders:read']);
    expect((await call(key, 'POST', '/orders', 'no JSON')).body).to.include({ code: 'request.scope' });
  });

  it('see the orders of their own storefront, and another’s as if they did not exist', async () => {
    const [own, other] = [await createStorefront(web.database, 'One'), await createStorefront(web.database, 'Two')];
    await stockCatalogue(web.database);
    const placed = await web.intake.call('POST', '/orders', {
      headers: { authorization: `Bearer ${own.key}`, 'idempotency-key': 'first' },
      body: orderBody,
    });
    const path = `/orders/${placed.body['orderId']}`;
    const second = await newKey(SCOPES, own.id);
    expect((await call(second.key, 'GET', path)).status).to.equal(200);
    for (const [method, below] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
    ] as const) {
      const { status, body } = await call(other.key, method, `${path}${below}`);
      expect([status, body['code']], below).to.deep.equal([404, 'order.not-found']);
    }
  });

  it('are changed for others without a gap: the second is let in while the first still is', async () => {
    const { id, key, keyId } = await createStorefront(web.database, 'Shop');
    expect(await statusOf(key)).to.equal(200);
    const second = await newKey(SCOPES, id);
    expect([await statusOf(key), await statusOf(second.key)]).to.deep.equal([200, 200]);
    await revokeKey(web.database, keyId);
    await until('the first is refused', async () => {
      expect(await statusOf(second.key)).to.equal(200);
      return (await statusOf(key)) === 401;
    });
    expect((await newKey(SCOPES, id)).prefix).not.to.equal(second.prefix);
  });

  it('end the event streams that are open with them when they are revoked, and no others', async () => {
    const { id, key, keyId } = await createStorefront(web.database, 'Shop');
    await stockCatalogue(web.database);
    const second = await newKey(['orders:read'], id);
    const placed = await web.intake.call('POST', '/orders', {
      headers: { authorization: `Bearer ${key}`, 'idempotency-key': 'first' },
      body: orderBody,
    });
    const follow = async (by: string): Promise<ServerSentEvents> => {
      const headers = { authorization: `Bearer ${by}`, accept: 'text/event-stream' };
      return new ServerSentEvents(
        await web.intake.stream('GET', `/orders/${placed.body['orderId']}/events`, { headers }),
      );
    };
    const [revoked, other] = [await follow(key), await follow(second.key)];
    await Promise.all([revoked.next('status'), other.next('status')]);
    await revokeKey(web.database, keyId);
    await revoked.ended();
    await web.database.query({ text: `update orders set status = 'CANCELLING'` });
    expect((await other.next('status')).data).to.include({ status: 'CANCELLING' });
    await other.close();
  });

  it('cost the same single look-up whatever is wrong with them', async () => {
    const [revoked, disabled] = [
      await createStorefront(web.database, 'One'),
      await createStorefront(web.database, 'Two'),
    ];
    await revokeKey(web.database, revoked.keyId);
    await web.database.query({
      text: 'update storefronts set revoked_at = now() where id = $1',
      values: [disabled.id],
    });
    const keys = [
      revoked.key,
      disabled.key,
      `${web.intake.key}x`,
      drawKey('live').key,
      drawKey('test').key,
      'malformed',
    ];
    for (const key of keys) {
      database.asked = [];
      expect(await statusOf(key)).to.equal(401);
      const lookUps = database.asked.filter((name) => name === 'api-key-find');
      expect(lookUps, key).to.have.length(1);
    }
  });

  it('are two of a mode at most, also when two are made at once, and the third is told which there are', async () => {
    const { id } = await createStorefront(web.database, 'Shop');
    const made = await Promise.allSettled([newKey(SCOPES, id), newKey(SCOPES, id), newKey(SCOPES, id)]);
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.map(({ code }) => code)).to.deep.equal(['api-key.enough', 'api-key.enough']);
    const { rows } = await web.database.query<{ prefix: string }>({
      text: 'select prefix from api_keys where storefront_id = $1',
      values: [id],
    });
    expect(rows).to.have.length(2);
    for (const { prefix } of rows) expect(refused[0]?.message).to.include(prefix);
    await web.database.transaction((transaction) =>
      createKey(transaction, { id: v7(), storefrontId: id, mode: 'test', scopes: SCOPES }),
    );
  });

  it('are found by their public part and known by the whole: another key with that part is nobody’s', async () => {
    const { prefix, key } = await newKey();
    expect(await statusOf(`${prefix}_${'a'.repeat(32)}`)).to.equal(401);
    expect(await statusOf(key)).to.equal(200);
  });

  it('are noted as used, once in five minutes', async () => {
    const { id, key } = await newKey();
    const usedAt = async (): Promise<Date | undefined> => {
      const { rows } = await web.database.query<{ used: Date | null }>({
        text: 'select used_at as used from api_keys where id = $1',
        values: [id],
      });
      return rows[0]?.used ?? undefined;
    };
    expect(await usedAt()).to.equal(undefined);
    expect(await statusOf(key)).to.equal(200);
    const first = await until('its use is noted', usedAt);
    await noteUse(web.database, id);
    expect(await usedAt()).to.deep.equal(first);
    await web.database.query({
      text: `update api_keys set used_at = now() - interval '6 minutes' where id = $1`,
      values: [id],
    });
    await noteUse(web.database, id);
    expect((await usedAt())?.getTime()).to.be.at.least(first.getTime());
  });

  describe('beside the release before, which knows one key a storefront', () => {
    /** As that release makes a storefront, and as it finds one. */
    const make = async (key: string): Promise<string> => {
      const id = v7();
      await web.database.query({
        text: 'insert into storefronts (id, name, key_hash) values ($1, $2, $3) on conflict (key_hash) do nothing',
        values: [id, 'Older', hashOf(key)],
      });
      return id;
    };
    const found = async (key: string): Promise<boolean> => {
      const text = 'select id from storefronts where key_hash = $1 and revoked_at is null';
      return (await web.database.query({ text, values: [hashOf(key)] })).rowCount > 0;
    };

    it('let in whom it has let in, with every scope', async () => {
      await make('wk_live_older');
      for (const [method, path, , status] of ROUTES)
        expect((await call('wk_live_older', method, path, method === 'GET' ? undefined : {})).status).to.equal(status);
    });

    it('let in nobody there who was revoked here, and whose second key it is once the first is revoked', async () => {
      const { id, key, keyId } = await createStorefront(web.database, 'Shop');
      const second = await newKey(SCOPES, id);
      expect([await found(key), await found(second.key)]).to.deep.equal([true, false]);
      await revokeKey(web.database, keyId);
      expect([await found(key), await found(second.key)]).to.deep.equal([false, true]);
      await revokeKey(web.database, second.id);
      expect(await found(second.key)).to.equal(false);
    });

    it('tell it of no key that may do less than everything, and of none for tests', async () => {
      expect(await found((await createStorefront(web.database, 'Test', 'test')).key)).to.equal(false);
      const id = await make('wk_live_older');
      const narrow = await newKey(['orders:read'], id);
      await revokeKey(web.database, id);
      expect([await found('wk_live_older'), await found(narrow.key)]).to.deep.equal([false, false]);
    });
  });
});

describe('the migration to several keys a storefront', () => {
  it('keeps every key, those that are revoked as such, and takes the one that everybody knows for a test key', async () => {
    const store = await createDatabase();
    try {
      const { database } = store;
      await database.query({ text: 'drop table api_keys; drop function take_key_over cascade' });
      await database.query({ text: 'delete from knex_migrations where name = $1', values: [MIGRATION] });
      const keys = ['wk_live_one', 'wk_live_two', 'dev-storefront-key'];
      const ids = keys.map(() => v7());
      for (const [index, key] of keys.entries())
        await database.query({
          text: `insert into storefronts (id, name, key_hash, revoked_at) values ($1, $2, $3, case when $2 = 'wk_live_two' then now() end)`,
          values: [ids[index], key, hashOf(key)],
        });
      expect(await migrate({ url: store.url, applicationName: 'warren tests' })).to.deep.equal([MIGRATION]);
      for (const [key, status] of [
        ['wk_live_one', 200],
        ['wk_live_two', 401],
        ['dev-storefront-key', 401],
        [drawKey('live').key, 401],
      ] as const) {
        const intake = await TestIntake.start({ databaseUrl: store.url }, key);
        expect((await intake.call('GET', '/stock')).status, key).to.equal(status);
        await intake.close();
      }
    } finally {
      await store.close();
    }
  });
});
