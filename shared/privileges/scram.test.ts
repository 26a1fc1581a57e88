import { createHash, createHmac } from 'node:crypto';
import { expect } from 'chai';
import { scramVerifier } from './scram.js';

/** The example of RFC 7677. */
const SALT = 'W22ZaJ0SNY7soEsUEjb6gQ==';
const NONCE = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const SAID = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${NONCE},s=${SALT},i=4096,c=biws,r=${NONCE}`;
const PROOF = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';
const ANSWER = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';

describe('the verifier of a password', () => {
  it('tells who knows the password, and to whom it is known, as RFC 7677 has it', () => {
    const verifier = scramVerifier('pencil', Buffer.from(SALT, 'base64'));
    const [, salt, storedKey = '', serverKey = ''] = /^SCRAM-SHA-256\$4096:([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? [];
    expect(salt).to.equal(SALT);
    const said = (key: Buffer): Buffer => createHmac('sha256', key).update(SAID).digest();
    expect(said(Buffer.from(serverKey, 'base64')).toString('base64')).to.equal(ANSWER);
    const signature = said(Buffer.from(storedKey, 'base64'));
    const clientKey = Buffer.from(PROOF, 'base64').map((byte, at) => byte ^ (signature[at] ?? 0));
    expect(createHash('sha256').update(clientKey).digest('base64')).to.equal(storedKey);
  });
});
