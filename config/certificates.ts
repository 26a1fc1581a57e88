/** Certificates of authorities, as a variable gives them: PEM text, which platforms without files need, or the path of a file. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const BEGIN = '-----BEGIN CERTIFICATE-----';

/** The PEM text. Some platforms keep no line breaks in a variable and have `\n` instead. @throws {RangeError} for anything else */
export function certificatesIn(value: string): string {
  const text = value.includes(BEGIN) ? value.replaceAll('\\n', '\n') : fileText(value);
  const blocks = text.split(BEGIN).slice(1);
  if (blocks.length === 0) throw new RangeError();
  for (const block of blocks) checkCertificate(`${BEGIN}${block}`);
  return text;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new RangeError();
  }
}

function checkCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch {
    throw new RangeError();
  }
}
