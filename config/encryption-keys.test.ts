import { expect } from 'chai';
import { encryptionKeys, keyText } from './encryption-keys.js';
import { EnvironmentFaults, readVariables } from './variable.js';

const SECRET = Buffer.from('thirty-two bytes that say a key.').toString('base64');
const OTHER = Buffer.from('thirty-two bytes, another of it.').toString('base64');

describe('the encryption keys', () => {
  const read = (value: string) => readVariables({ encryptionKeys }, { ENCRYPTION_KEYS: value }).encryptionKeys;

  it('are read in their order, and written as they are read', () => {
    const keys = read(`new:${SECRET}, old-1:${OTHER}`);
    expect(keys.map(({ id, secret }) => [id, secret.length])).to.deep.equal([
      ['new', 32],
      ['old-1', 32],
    ]);
    expect(keys.map(keyText)).to.deep.equal([`new:${SECRET}`, `old-1:${OTHER}`]);
  });

  it('are asked for with the command that makes one when there are none', () => {
    expect(() => read('')).to.throw(EnvironmentFaults, /ENCRYPTION_KEYS is not set; .*encryption\.js new makes one/);
  });

  for (const [what, value] of Object.entries({
    'one without an id': SECRET,
    'an id that has other characters': `Old.1:${SECRET}`,
    'one that is too short': `old:${SECRET.slice(4)}`,
    'one that is no base64': `old:!${SECRET.slice(1)}`,
    'one that is nothing but zeros': `old:${Buffer.alloc(32).toString('base64')}`,
    'two of one id': `old:${SECRET},old:${OTHER}`,
    'a comma too many': `old:${SECRET},`,
  })) {
    it(`are refused with ${what}, without being repeated`, () => {
      expect(() => read(value))
        .to.throw(EnvironmentFaults, 'ENCRYPTION_KEYS must be')
        .and.not.match(new RegExp(SECRET.slice(4, 20)));
    });
  }
});
