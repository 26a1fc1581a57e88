import { expect } from 'chai';
import { errorOf } from './log.js';
import { withoutMailAddresses } from './mail-addresses.js';

const ID = '01a1fdae-bab7-75aa-9b14-fc707aeff402';

describe('mail addresses', () => {
  for (const [said, told] of [
    ['550 5.1.1 <ada@example.com>: no such mailbox', '550 5.1.1 <[e-mail]>: no such mailbox'],
    ['RCPT TO:<ada.lovelace+shop@example.co.uk>.', 'RCPT TO:<[e-mail]>.'],
    ['neither ada@example.com, nor bob@example.com.', 'neither [e-mail], nor [e-mail].'],
    [`<${ID}.confirmed.${ID}@shop.example>`, `<${ID}.confirmed.${ID}@shop.example>`],
    [`<${ID}.confirmed@shop.example> was refused`, `<${ID}.confirmed@shop.example> was refused`],
    ['nothing of the kind', 'nothing of the kind'],
  ] as const) {
    it(`are left out of "${said}", and Message-IDs are not`, () => {
      expect(withoutMailAddresses(said)).to.equal(told);
    });
  }

  it('are looked for in a long text without spaces as well', () => {
    // Read again from each letter to the end it takes minutes.
    const long = 'x'.repeat(500_000);
    for (const text of [`@ ${long}`, `${long}@`, `x@${'.'.repeat(500_000)}`])
      expect(withoutMailAddresses(text)).to.equal(text);
  });

  it('stand in no error of a line, nor of what caused it; nor does a row that PostgreSQL repeats', () => {
    const cause = Object.assign(new Error('550 <ada@example.com> unknown'), {
      rejected: ['ada@example.com'],
      response: '550 <ada@example.com> unknown',
      detail: 'Failing row contains (1, Ada Lovelace, ada@example.com).',
      responseCode: 550,
    });
    const line = JSON.stringify([
      errorOf(new Error('the mail server refuses it', { cause })),
      errorOf(cause),
      errorOf(Object.assign(new Error('x'), { code: 'mail.refused' })),
    ]);
    expect(line).to.include('550 <[e-mail]> unknown').and.include('"responseCode":550').and.include('mail.refused');
    expect(line).not.to.match(/ada@example|Lovelace/);
  });
});
