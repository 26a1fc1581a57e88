import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { v7 } from 'uuid';
import { insertOrders, sealSecrets } from '../../api/orders/order-rows.js';
import { encryptionKeys, keyText } from '../../config/encryption-keys.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { orderBody } from '../support/order-body.js';
import { Program } from '../support/program.js';

const [older, newer] = ['older', 'newer'].map((id) => keyText({ id, secret: randomBytes(32) }));
const OLD = `${older}`;
const ROTATED = `${newer},${older}`;
const NEW = `${newer}`;

describe('encryption keys', () => {
  let store: TestDatabase;

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());

  async function run(action: string, keys: string) {
    const program = new Program('scripts/encryption.js', [action], { DATABASE_URL: store.url, ENCRYPTION_KEYS: keys });
    return { code: await program.ended(), output: program.output };
  }

  it('are made one by one, fit to be set', async () => {
    const { code, output } = await run('new', '');
    expect(code).to.equal(0);
    expect(encryptionKeys.parse(output.trim())).to.have.length(1);
    expect((await run('new', '')).output).not.to.equal(output);
  });

  it('are rotated: what the old one has sealed is counted, opened with both, sealed anew, and then opens without it', async () => {
    const ids = Array.from({ length: 1203 }, () => v7());
    const keyring = new Keyring(encryptionKeys.parse(OLD));
    await store.database.query({
      text: `insert into payments (order_id, amount, currency, sealed_token, status, version)
             select id, 1, 'GBP', sealed, 'requested', 1 from unnest($1::uuid[], $2::text[]) as made (id, sealed)`,
      values: [ids, ids.map((id) => keyring.seal('payment-token', id, `tok ${id}`))],
    });
    // Used up: nothing is left to be sealed anew.
    await store.database.query({
      text: 'update payments set sealed_token = null where order_id = $1',
      values: [ids.pop()],
    });

    expect(await run('status', OLD)).to.include({ code: 0 });
    const lost = await run('status', NEW);
    expect(lost.code).to.equal(1);
    expect(lost.output).to.match(/older +missing +payment tokens +1202/);
    const kept = await run('reseal', NEW);
    expect(kept.code, 'without the old key all stays as it is').to.equal(1);
    expect(kept.output).to.include('sealed anew with newer: 0').and.to.include('secret.key-missing');

    const { code, output } = await run('reseal', ROTATED);
    expect(code).to.equal(0);
    expect(output).to.include('sealed anew with newer: 1202');
    expect(output)
      .to.match(/newer +seals +payment tokens +1202/)
      .and.to.match(/older +opens +nothing +0/);
    const alone = new Keyring(encryptionKeys.parse(NEW));
    const { rows } = await store.database.query<{ id: string; sealed: string }>({
      text: 'select order_id as id, sealed_token as sealed from payments where sealed_token is not null',
    });
    expect(rows.map(({ id, sealed }) => alone.open('payment-token', id, sealed)).sort()).to.deep.equal(
      ids.map((id) => `tok ${id}`).sort(),
    );
    expect((await run('status', NEW)).code).to.equal(0);
  });

  it('are rotated under customers too: each is found by the new key, and a row that nothing opens is left', async () => {
    const keyring = new Keyring(encryptionKeys.parse(OLD));
    // More than are read at once.
    const orders = Array.from({ length: 501 }, () => {
      const orderId = v7();
      return {
        ...{ orderId, secrets: sealSecrets(keyring, orderId, orderBody), storefrontId: v7(), request: orderBody },
        ...{ lines: [{ sku: 'mug', quantity: 1, unitPrice: 450 }], total: { amount: 450, currency: 'GBP' } },
      };
    });
    await store.database.transaction((transaction) => insertOrders(transaction, orders));
    const [first, ...others] = orders.map(({ orderId }) => orderId);
    await store.database.query({
      text: 'update order_keys set sealed_key = $2 where order_id = $1',
      values: [first, 'older.torn'],
    });
    const { code, output } = await run('reseal', ROTATED);
    expect(code).to.equal(1);
    // Its key, and the digest for which that is needed.
    expect(output.match(/secret\.unreadable/g)).to.have.length(2);
    const digest = new Keyring(encryptionKeys.parse(NEW)).customerDigest(orderBody.customer.email);
    const { rows } = await store.database.query<{ id: string }>({
      text: 'select id from orders where customer_digest = $1',
      values: [digest],
    });
    expect(rows.map(({ id }) => id)).to.have.members(others);
  });
});
