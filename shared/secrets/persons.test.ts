import { expect } from 'chai';
import { testKeyring } from '../../test/support/keyring.js';
import { failureOf } from '../../test/support/scripted-http.js';
import { ERASED, isSealed, openPersonal, Persons } from './persons.js';

const ADA = { name: 'Ada Lovelace', email: 'ada@example.com' };

describe('the persons of an order', () => {
  const { persons, sealedKey } = Persons.begin(testKeyring, 'o-1');
  const sealed = persons.seal('customer', ADA);
  const opened = (order: { orderId: string; sealedKey: string | undefined }, member: 'customer' | 'shipping-address') =>
    failureOf(new Promise((resolve) => resolve(openPersonal(testKeyring, order, member, sealed))));

  it('open with the key of the order, and say nothing before', () => {
    expect(openPersonal<typeof ADA>(testKeyring, { orderId: 'o-1', sealedKey }, 'customer', sealed)).to.deep.equal(ADA);
    expect(isSealed(sealed)).to.equal(true);
    expect(JSON.stringify([sealed, sealedKey])).not.to.match(/Ada|example/);
  });

  it('are opened by no other order, and as nothing else', async () => {
    const other = Persons.begin(testKeyring, 'o-2').sealedKey;
    expect(await opened({ orderId: 'o-1', sealedKey }, 'shipping-address')).to.include({ code: 'secret.unreadable' });
    expect(await opened({ orderId: 'o-2', sealedKey: other }, 'customer')).to.include({ code: 'secret.unreadable' });
    expect(await opened({ orderId: 'o-2', sealedKey }, 'customer')).to.include({ code: 'secret.unreadable' });
  });

  it('are erased with the key, which the error says', async () => {
    expect(await opened({ orderId: 'o-1', sealedKey: undefined }, 'customer')).to.include({ code: 'person.erased' });
    const marked = failureOf(
      new Promise((resolve) =>
        resolve(openPersonal(testKeyring, { orderId: 'o-1', sealedKey: undefined }, 'customer', ERASED)),
      ),
    );
    expect(await marked).to.include({ code: 'person.erased' });
  });

  it('that a release before stored plain are read as they are, with a key or without', () => {
    for (const key of [sealedKey, undefined])
      expect(openPersonal(testKeyring, { orderId: 'o-1', sealedKey: key }, 'customer', ADA)).to.equal(ADA);
  });

  it('are found by a digest that is the same for one address however it is written, and for no other', () => {
    const digest = testKeyring.customerDigest('ada@example.com');
    expect(testKeyring.customerDigest(' Ada@Example.COM ')).to.equal(digest);
    expect(testKeyring.customerDigests('ada@example.com')).to.deep.equal([digest]);
    expect(testKeyring.customerDigest('ada@example.org')).not.to.equal(digest);
    expect(digest).to.match(/^test\.[\w-]{22}$/);
  });
});
