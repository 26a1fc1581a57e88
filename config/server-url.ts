/**
 * URLs of the servers. What is set about TLS beside such a URL becomes part of it, by the names that RabbitMQ's and libpq's own
 * URLs have for it (`cacertfile`, `verify`, `sslmode`): so whoever connects needs the URL and nothing else.
 */
import { certificatesIn } from './certificates.js';
import { isPrivateHost } from './private-host.js';
import { type About, oneOf, type Source, url, urls, type Variable, words } from './variable.js';

/** The variables that say how the server's certificate is verified. */
export interface TlsNames {
  /** Certificates of its authority. */
  readonly ca: string;
  /** `0` says aloud that any certificate will do. */
  readonly rejectUnauthorized: string;
  /** The variables of URLs to which that applies; a process' own have its name behind. */
  readonly urls: readonly string[];
}

export const authority = (names: TlsNames, server: string): Variable<string> => ({
  ...words({
    names: [names.ca],
    fallback: '',
    meaning: `authority that signs the certificate of ${server}, where it is none of those that everybody knows`,
  }),
  expects: 'certificates as PEM text, or the path of a file that has them',
  parse: (value) => (value === '' ? '' : certificatesIn(value)),
});

export const rejecting = (names: TlsNames, server: string): Variable<'0' | '1'> =>
  oneOf(
    {
      names: [names.rejectUnauthorized],
      fallback: '1',
      meaning: `0 takes any certificate for that of ${server}, which every start warns of`,
    },
    ['0', '1'],
  );

export const serverUrl = (about: About, protocols: readonly string[], tls: TlsNames): Variable<string> =>
  within(url(about, protocols), (value, source) => completed(value, source, tls));

export const serverUrls = (about: About, protocols: readonly string[], tls: TlsNames): Variable<readonly string[]> =>
  within(urls(about, protocols), (values, source) => values.map((value) => completed(value, source, tls)));

/** What whoever starts a process should know of how its servers are reached. */
export function serverWarnings(
  servers: Readonly<Record<string, string | readonly string[] | undefined>>,
  nodeEnv: string,
): string[] {
  return Object.entries(servers).flatMap(([name, given]) =>
    [given ?? []].flat().flatMap((value) => {
      const { hostname, protocol, searchParams } = new URL(value);
      const host = searchParams.get('host') ?? hostname;
      if (!isEncrypted(new URL(value))) {
        return nodeEnv !== 'production' || host.startsWith('/') || isPrivateHost(host)
          ? []
          : [
              `${name} is reached at ${host} by ${protocol}// without TLS: everybody on the way reads passwords and customers`,
            ];
      }
      return searchParams.get('verify') === 'verify_none'
        ? [
            `${name} may be anybody: its certificate is not verified, so whoever is on the way reads and changes everything`,
          ]
        : [];
    }),
  );
}

function within<T>(variable: Variable<T>, complete: (value: T, source: Source) => T): Variable<T> {
  return { ...variable, parse: (value, source = {}) => complete(variable.parse(value, source), source) };
}

/** @throws {RangeError} saying what is wrong with it beyond its form */
function completed(value: string, source: Source, names: TlsNames): string {
  const parsed = new URL(value);
  refuseKnownPassword(parsed, source);
  const { searchParams } = parsed;
  const ca = authorityIn(source, names.ca);
  const unverified = source[names.rejectUnauthorized] === '0';
  const given = [searchParams.get('sslmode'), searchParams.get('verify')];
  if (!unverified && (given.includes('no-verify') || given.includes('verify_none'))) {
    throw new RangeError(
      `wants no certificate to be verified: give the authority by ${names.ca}, or say so aloud by ${names.rejectUnauthorized}=0`,
    );
  }
  if (parsed.protocol.startsWith('postgres') && (ca || unverified) && !searchParams.has('sslmode'))
    searchParams.set('sslmode', 'verify-full');
  if (!isEncrypted(parsed)) {
    if (ca && !isEncryptedBeside(source, names))
      throw new RangeError(
        `${plainly(parsed)}, and so is all that ${names.ca} is for: it would verify nothing; leave one of the two out`,
      );
    return value;
  }
  if (ca) searchParams.set('cacertfile', ca);
  if (unverified) searchParams.set('verify', 'verify_none');
  return ca || unverified ? parsed.href : value;
}

function authorityIn(source: Source, name: string): string | undefined {
  const given = source[name];
  if (!given) return undefined;
  try {
    return certificatesIn(given);
  } catch {
    throw new RangeError(
      `cannot be verified by ${name}, which has to be certificates as PEM text or the path of a file`,
    );
  }
}

/** Whether the authority is of use to some other URL, such as that of a broker beside its management API on this machine. */
function isEncryptedBeside(source: Source, { urls }: TlsNames): boolean {
  return Object.entries(source)
    .filter(([name]) => urls.some((one) => name === one || name.startsWith(`${one}_`)))
    .flatMap(([, value]) => (value ?? '').split(','))
    .filter((value) => URL.canParse(value.trim()))
    .map((value) => new URL(value.trim()))
    .some((one) => isEncrypted(one) || (one.protocol.startsWith('postgres') && !one.searchParams.has('sslmode')));
}

function isEncrypted({ protocol, searchParams }: URL): boolean {
  if (!protocol.startsWith('postgres')) return ['amqps:', 'rediss:', 'https:'].includes(protocol);
  const mode = searchParams.get('sslmode');
  return mode !== null && mode !== 'disable' && mode !== 'prefer';
}

/** What of it keeps the connection from being encrypted. */
function plainly({ protocol, searchParams }: URL): string {
  const mode = searchParams.get('sslmode');
  return mode === null ? `is reached by ${protocol}// without TLS` : `is reached without TLS by sslmode=${mode}`;
}

/** Passwords that servers come with, that documentation shows, or that are tried first. */
const KNOWN =
  'guest postgres password passw0rd admin root changeme secret redis rabbitmq default test 123456 warren'.split(' ');

/** @throws {RangeError} in production */
function refuseKnownPassword({ username, password }: URL, source: Source): void {
  const production = (source['NODE_ENV'] || 'production') === 'production';
  if (!production || password === '') return;
  if (password === username || KNOWN.includes(password.toLowerCase()))
    throw new RangeError('has a password that everybody knows; set your own at the server, or NODE_ENV=development');
}
