import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../terminal/command.mjs';

/** How long certificates of ours are valid, in days: they are made anew where the servers' folder is. */
const DAYS = 3650;
const HOSTS = 'DNS:localhost,IP:127.0.0.1';
const REMEDY = 'install openssl (apt-get install openssl · brew install openssl), or leave --tls away';

/**
 * Files of a server's certificate, and of the authority that signed it.
 * @typedef {{ ca: string, certificate: string, key: string }} Certificate
 */

/**
 * The certificate of a server in that folder, made when there is none.
 * @param {string} authority the certificate of the one that signs it; its key is beside it
 * @param {string} folder of the server
 * @param {{ uid?: number, gid?: number }} [owner] who runs the server
 * @returns {Promise<Certificate>}
 */
export async function ensureCertificate(authority, folder, { uid, gid } = {}) {
  const at = join(folder, 'tls');
  const made = { certificate: join(at, 'server.pem'), key: join(at, 'server.key') };
  if (!existsSync(made.certificate)) await issueCertificate(authority, made, { hosts: HOSTS });
  if (uid !== undefined && gid !== undefined)
    for (const path of [at, made.certificate, made.key]) chownSync(path, uid, gid);
  return { ca: authority, ...made };
}

/**
 * A private authority: whoever trusts its certificate trusts what it signs.
 * @param {string} home a folder for it is made there, unless it is there
 * @returns {Promise<string>} its certificate
 */
export async function ensureAuthority(home) {
  const certificate = join(home, 'authority', 'ca.pem');
  // Several servers may be started at once, by one process.
  making.set(certificate, making.get(certificate) ?? makeAuthority(certificate));
  await making.get(certificate);
  return certificate;
}

/** @type {Map<string, Promise<void>>} */
const making = new Map();

/** @param {string} certificate */
async function makeAuthority(certificate) {
  if (existsSync(certificate)) return;
  mkdirSync(join(certificate, '..'), { recursive: true });
  await openssl([
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(DAYS)],
    ...['-subj', '/CN=Warren private authority', '-keyout', keyOf(certificate), '-out', certificate],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
}

/** @param {string} authority */
const keyOf = (authority) => authority.replace(/[.]pem$/, '.key');

/**
 * @param {string} authority its certificate
 * @param {{ certificate: string, key: string }} to where certificate and key are written
 * @param {{ hosts: string, days?: number }} about `hosts` such as `DNS:localhost,IP:127.0.0.1`
 */
async function issueCertificate(authority, to, { hosts, days = DAYS }) {
  const folder = join(to.certificate, '..');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const request = join(folder, 'request.pem');
  const extensions = join(folder, 'extensions.conf');
  writeFileSync(extensions, `subjectAltName=${hosts}\nextendedKeyUsage=serverAuth\n`);
  await openssl([
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=Warren server'],
    ...['-keyout', to.key, '-out', request],
  ]);
  await openssl([
    ...['x509', '-req', '-in', request, '-CA', authority, '-CAkey', keyOf(authority)],
    ...['-set_serial', String(Date.now()), '-days', String(days), '-extfile', extensions, '-out', to.certificate],
  ]);
}

/** @param {readonly string[]} args */
function openssl(args) {
  return runCommand('openssl', args, { remedy: REMEDY });
}
