/** Reads a mail as it came over the wire: its headers, its text and its HTML. Enough of MIME for what a mailer writes. */

export interface Mail {
  /** Unfolded and decoded, names in lower case, in the order they stand. */
  headers: readonly (readonly [name: string, value: string])[];
  text: string | undefined;
  html: string | undefined;
}

/** `raw` holds one byte of the mail in each character (latin1), so that no byte is lost. */
export function parseMail(raw: string): Mail {
  const { headers, body } = split(raw);
  const parts = leavesOf(headers, body);
  const content = (type: string) => parts.find((part) => part.type === type)?.content;
  return {
    headers: headers.map(([name, value]) => [name, decodeWords(value)]),
    text: content('text/plain'),
    html: content('text/html'),
  };
}

/** Only the headers, for listings. */
export function parseHeaders(raw: string): Mail['headers'] {
  return split(raw).headers.map(([name, value]) => [name, decodeWords(value)]);
}

/** The first header of that name (in lower case). */
export function headerOf(headers: Mail['headers'], name: string): string | undefined {
  return headers.find(([given]) => given === name)?.[1];
}

interface Leaf {
  type: string;
  content: string;
}

function split(raw: string): { headers: Mail['headers']; body: string } {
  if (raw.startsWith('\r\n')) return { headers: [], body: raw.slice(2) };
  const end = raw.indexOf('\r\n\r\n');
  const head = end < 0 ? raw : raw.slice(0, end);
  const headers = head
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .filter((line) => line.includes(':'))
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    });
  return { headers, body: end < 0 ? '' : raw.slice(end + 4) };
}

function leavesOf(headers: Mail['headers'], body: string): Leaf[] {
  const declared = headerOf(headers, 'content-type') ?? 'text/plain';
  const type = (declared.split(';')[0] ?? '').trim().toLowerCase();
  const boundary = parameterOf(declared, 'boundary');
  if (!type.startsWith('multipart/') || !boundary) {
    const bytes = decodeTransfer(body, headerOf(headers, 'content-transfer-encoding'));
    return [{ type, content: toText(bytes, parameterOf(declared, 'charset')) }];
  }
  const [, ...parts] = `\r\n${body}`.split(`\r\n--${boundary}`);
  return parts
    .filter((part) => !part.startsWith('--'))
    .flatMap((part) => {
      const inner = split(part.slice(part.indexOf('\r\n') + 2));
      return leavesOf(inner.headers, inner.body);
    });
}

function parameterOf(header: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}="?([^";]+)"?`, 'i').exec(header);
  return found?.[1];
}

function decodeTransfer(body: string, encoding = '7bit'): Buffer {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable':
      return decodeQuoted(body.replace(/[ \t]*=\r\n/g, ''));
    default:
      return Buffer.from(body, 'latin1');
  }
}

function decodeQuoted(text: string): Buffer {
  const bytes = text.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

/** RFC 2047: `=?utf-8?Q?Gr=C3=BC=C3=9Fe?=`. White space between two encoded words is not part of the text. */
function decodeWords(value: string): string {
  const plain = toText(Buffer.from(value, 'latin1'), 'utf-8');
  if (!plain.includes('=?')) return plain;
  return plain
    .replace(/(\?=)\s+(?==\?)/g, '$1')
    .replace(/=\?([^?]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, how: string, coded: string) => {
      const bytes = how.toLowerCase() === 'b' ? Buffer.from(coded, 'base64') : decodeQuoted(coded.replace(/_/g, ' '));
      return toText(bytes, charset);
    });
}

function toText(bytes: Buffer, charset = 'utf-8'): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
