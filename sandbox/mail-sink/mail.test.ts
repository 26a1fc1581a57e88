import { expect } from 'chai';
import { headerOf, parseMail } from './mail.js';

const mail = (...lines: string[]) => parseMail(Buffer.from(lines.join('\r\n')).toString('latin1'));

describe('parseMail', () => {
  it('unfolds headers and decodes encoded words, without the white space between two of them', () => {
    const { headers } = mail(
      'Subject: =?UTF-8?Q?Ihre_Bestellung_f=C3=BCr?=',
      ' =?utf-8?B?IEdyw7zDn2U=?= folgt',
      'X-Raw: größer',
      'x-long: one',
      '\ttwo',
      '',
      '',
    );
    expect(headerOf(headers, 'subject')).to.equal('Ihre Bestellung für Grüße folgt');
    expect(headerOf(headers, 'x-raw')).to.equal('größer');
    expect(headerOf(headers, 'x-long')).to.equal('one two');
  });

  it('decodes quoted-printable and base64 parts of nested multiparts, in their charsets', () => {
    const { text, html } = mail(
      'Content-Type: multipart/mixed; boundary="outer"',
      '',
      'For old mailers only.',
      '--outer',
      'Content-Type: multipart/alternative;',
      ' boundary=inner',
      '',
      '--inner',
      'Content-Type: text/plain; charset=iso-8859-1',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'sch=F6n und la=',
      'ng =3D gut',
      '--inner',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from('<p>schön</p>').toString('base64'),
      '--inner--',
      '',
      '--outer--',
      '',
    );
    expect(text).to.equal('schön und lang = gut');
    expect(html).to.equal('<p>schön</p>');
  });

  it('takes a mail without a content type for plain text, and one without a body for empty', () => {
    expect(mail('Subject: a', '', 'größer', '').text).to.equal('größer\r\n');
    expect(mail('Subject: a').text).to.equal('');
    expect(mail('', 'only a body').text).to.equal('only a body');
  });
});
