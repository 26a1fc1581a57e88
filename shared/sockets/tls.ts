/** How a server's certificate is verified, as its URL says (`config/server-url.ts`), and what to do when it is refused. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { reasonOf } from '../observability/reason.js';

/** `cacertfile` and libpq's `sslrootcert` are certificates or the path of a file; `verify=verify_none` takes anybody's. */
export function tlsOf(url: string): Pick<ConnectionOptions, 'ca' | 'rejectUnauthorized'> {
  const { searchParams } = new URL(url);
  const authority = searchParams.get('cacertfile') ?? searchParams.get('sslrootcert');
  return {
    rejectUnauthorized: searchParams.get('verify') !== 'verify_none',
    ...(authority === null ? {} : { ca: authority.includes('-----BEGIN') ? authority : readFileSync(authority) }),
  };
}

/** What an error of connecting says; where it is about a certificate, also what to do. @param variable such as `DATABASE` */
export function connectReason(error: unknown, variable: 'DATABASE' | 'RABBITMQ' | 'REDIS'): string {
  const { code } = error as { readonly code?: unknown };
  const remedy = REMEDIES.find(({ codes }) => codes.test(`${code} ${reasonOf(error)}`))?.remedy(variable);
  const said = reasonOf(error) || String(code);
  return remedy === undefined ? said : `${said}: ${remedy}`;
}

const REMEDIES: readonly { readonly codes: RegExp; readonly remedy: (variable: string) => string }[] = [
  {
    codes: /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED/,
    remedy: (variable) =>
      `the certificate is of an authority that is not known here; give that authority's by ${variable}_CA`,
  },
  {
    codes: /ERR_TLS_CERT_ALTNAME_INVALID/,
    remedy: (variable) =>
      `the certificate is of another host; name the host in ${variable}_URL as the certificate does`,
  },
  {
    codes: /CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/,
    remedy: () =>
      'the certificate is not valid at this time; renew it at the server, and see that the clocks are right',
  },
  {
    codes: /ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH|does not support SSL|establishing an SSL/,
    remedy: (variable) => `the server does not speak TLS at this port; see that ${variable}_URL has the right one`,
  },
];
