/** Private authorities, and the certificates they sign, by openssl. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const openssl = (args: readonly string[]): Promise<unknown> => run('openssl', args);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export class Authority {
  /** Its own certificate. */
  readonly path: string;
  readonly #folder: string;
  readonly #key: string;
  #issued = 0;

  /** @param path of a certificate that is there, with its key beside it as `.key` */
  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.path = path;
    this.#key = path.replace(/\.pem$/, '.key');
  }

  static async make(folder: string, name: string): Promise<Authority> {
    const authority = new Authority(folder, join(folder, `${name}.pem`));
    const subject = ['-subj', `/CN=${name}`, '-addext', 'keyUsage=critical,keyCertSign'];
    await openssl(['req', '-x509', ...NEW_KEY, ...subject, '-keyout', authority.#key, '-out', authority.path]);
    return authority;
  }

  /** @param hosts such as `DNS:localhost` @param days from now until it ends; negative, it has ended */
  async issue(hosts: string, days = 1): Promise<Certificate> {
    this.#issued += 1;
    const at = (end: string) => join(this.#folder, `issued-${this.#issued}.${end}`);
    await openssl(['req', ...NEW_KEY, '-subj', '/CN=server', '-keyout', at('key'), '-out', at('request')]);
    await writeFile(at('extensions'), `subjectAltName=${hosts}\n`);
    const signing = ['-CA', this.path, '-CAkey', this.#key, '-set_serial', String(this.#issued)];
    const form = ['-days', String(days), '-extfile', at('extensions')];
    await openssl(['x509', '-req', '-in', at('request'), ...signing, ...form, '-out', at('cert')]);
    const [cert, key] = await Promise.all([readFile(at('cert'), 'utf8'), readFile(at('key'), 'utf8')]);
    return { cert, key };
  }
}
