import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { failureOf } from '../../test/support/scripted-http.js';
import { PermanentError, TransientError } from '../actors/errors.js';
import { Keyring, sealedBy } from './keyring.js';

const PURPOSE = 'payment-token';
const TOKEN = 'tok_naïve_✓';

describe('the keyring', () => {
  const [older, newer] = [
    { id: 'older', secret: randomBytes(32) },
    { id: 'newer', secret: randomBytes(32) },
  ];
  const before = new Keyring([older]);
  const after = new Keyring([newer, older]);
  const open = (keyring: Keyring, subject: string, sealed: string) =>
    failureOf(new Promise((resolve) => resolve(keyring.open(PURPOSE, subject, sealed))));

  it('opens what it has sealed, and never seals a text twice the same', () => {
    const [one, other] = [before.seal(PURPOSE, 'o-1', TOKEN), before.seal(PURPOSE, 'o-1', TOKEN)];
    expect(one).to.match(/^older\.[\w-]+$/);
    expect(one).not.to.equal(other);
    expect([before.open(PURPOSE, 'o-1', one), before.open(PURPOSE, 'o-1', other)]).to.deep.equal([TOKEN, TOKEN]);
    expect(before.open(PURPOSE, 'o-1', before.seal(PURPOSE, 'o-1', ''))).to.equal('');
  });

  it('uses each nonce once', () => {
    const nonces = Array.from({ length: 2000 }, () => {
      const sealed = before.seal(PURPOSE, 'o-1', '');
      return Buffer.from(sealed.slice(sealedBy(sealed).length + 1), 'base64url').toString('hex', 0, 12);
    });
    expect(new Set(nonces).size).to.equal(nonces.length);
  });

  it('seals with its first key, and opens with all of them', () => {
    const old = before.seal(PURPOSE, 'o-1', TOKEN);
    expect(after.open(PURPOSE, 'o-1', old)).to.equal(TOKEN);
    expect(sealedBy(after.seal(PURPOSE, 'o-1', TOKEN))).to.equal('newer');
  });

  it('names the key that it was not given, and lets the fleet be given it', async () => {
    const error = await open(before, 'o-1', after.seal(PURPOSE, 'o-1', TOKEN));
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'secret.key-missing', maxAttempts: 6 });
    expect(String(error)).to.include('key newer');
  });

  it('opens nothing for another order or purpose, nothing that was changed, and nothing with another key of that name', async () => {
    const sealed = before.seal(PURPOSE, 'o-1', TOKEN);
    const cut = sealed.slice(0, -4);
    const changed = `${sealed.slice(0, -1)}${sealed.endsWith('A') ? 'Q' : 'A'}`;
    const other = new Keyring([{ id: 'older', secret: randomBytes(32) }]);
    for (const [keyring, subject, text] of [
      [before, 'o-2', sealed],
      [before, 'o-1', cut],
      [before, 'o-1', changed],
      [before, 'o-1', 'older.'],
      [other, 'o-1', sealed],
    ] as const) {
      const error = await open(keyring, subject, text);
      expect(error).to.be.instanceOf(PermanentError).and.include({ code: 'secret.unreadable' });
      expect(JSON.stringify(error) + String(error)).not.to.include(TOKEN);
    }
  });

  it('finds the key of a text that nobody sealed missing', async () => {
    expect(await open(before, 'o-1', 'tok_plain')).to.include({ code: 'secret.key-missing' });
  });
});
