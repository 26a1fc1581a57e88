import { expect } from 'chai';
import { type Letter, toMime } from './mime.js';

const letter: Letter = {
  from: { name: 'The Shop', address: 'orders@shop.example' },
  to: { name: 'Ada Lovelace', address: 'ada@example.test' },
  date: new Date('2026-01-02T03:04:05Z'),
  subject: 'Your order is confirmed!',
  headers: { 'X-Warren-Order': 'o-1' },
  text: 'Hello Zoë,\n.\nten × tea',
  html: `<p>${'ten × tea '.repeat(50)}</p>`,
};
const headersOf = (mime: string) => mime.slice(0, mime.indexOf('\r\n\r\n')).split(/\r\n(?! )/);
const bodiesOf = (mime: string) =>
  [...mime.matchAll(/base64\r\n\r\n([\s\S]*?)\r\n--/g)].map(([, body]) => Buffer.from(body ?? '', 'base64').toString());

describe('a mail on the wire', () => {
  it('has its headers, a line each', () => {
    expect(headersOf(toMime(letter))).to.deep.equal([
      'From: The Shop <orders@shop.example>',
      'To: Ada Lovelace <ada@example.test>',
      'Subject: Your order is confirmed!',
      'Date: Fri, 02 Jan 2026 03:04:05 +0000',
      'X-Warren-Order: o-1',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="=_alternative_="',
    ]);
  });

  it('carries text and HTML as they are, in short lines of ASCII', () => {
    const mime = toMime(letter);
    expect(bodiesOf(mime)).to.deep.equal([letter.text, letter.html]);
    expect(mime).to.match(/^(?:[\x20-\x7e]{0,78}\r\n)+$/);
  });

  const names = [
    'Eve\r\nBcc: all@example.test\r\n\r\nHello',
    '"Eve" <eve@example.test>, Mallory',
    'Zoë 山田 🐇 '.repeat(20).trim(),
    '=?utf-8?q?Eve=0d=0aBcc:_all@example.test?=',
  ];
  for (const name of names) {
    it(`holds the name ${JSON.stringify(name.slice(0, 40))} and gets no header from it`, () => {
      const mime = toMime({ ...letter, to: { name, address: 'ada@example.test' } });
      const headers = headersOf(mime);
      expect(headers.map((line) => line.slice(0, line.indexOf(':')))).to.deep.equal(
        headersOf(toMime(letter)).map((line) => line.slice(0, line.indexOf(':'))),
      );
      expect(decoded(headers[1] ?? '')).to.equal(`To: ${name} <ada@example.test>`);
      for (const line of mime.split('\r\n')) expect(line.length).to.be.below(79);
    });
  }

  it('needs no names', () => {
    expect(headersOf(toMime({ ...letter, from: { name: '', address: 'orders@shop.example' } }))[0]).to.equal(
      'From: orders@shop.example',
    );
  });
});

/** Encoded words read as RFC 2047 has it: white space between two of them does not count. */
function decoded(header: string): string {
  const bytes = (encoded: string) => Buffer.from(encoded, 'base64');
  return header
    .replaceAll(/\r\n /g, ' ')
    .replaceAll(/(?:=\?UTF-8\?B\?[^?]*\?= ?)+(?= <)/g, (run) =>
      Buffer.concat([...run.matchAll(/\?B\?([^?]*)\?=/g)].map(([, encoded]) => bytes(encoded ?? ''))).toString(),
    );
}
