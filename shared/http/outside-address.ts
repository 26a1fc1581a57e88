/**
 * Which addresses are out on the internet. Whoever may name a URL that we call must not reach through us what only we
 * reach: our own machine, our network, the cloud's metadata (OWASP, server side request forgery).
 */
import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All addresses of a name; rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface AddressRules {
  readonly resolve: Resolve;
  /** Lets every address pass: for development and tests. */
  readonly allowInside: boolean;
}

/** The address is not out on the internet. The message names the host alone: where it leads is nobody's business outside. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  constructor(hostname: string) {
    super(`${hostname} leads to an address that is not public`);
  }
}

/** Global unicast; in IPv6 the rest of the space is reserved (RFC 4291, 2.4). */
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');
/** Azure's wire server: it gives out settings and certificates of the machine that asks, under a public address. */
const PUBLIC_METADATA = '168.63.129.16';

/** Whether the address is out on the internet. False for what is none, and for an IPv4 address in the clothes of IPv6. */
export function isOutside(address: string): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || address === PUBLIC_METADATA) return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_V6);
}

/**
 * The addresses behind a host, all of them public: one that is not is enough to refuse, since which of them is connected to is
 * chance. @throws {AddressRefused} and what `resolve` rejects with
 */
export async function outsideAddresses(
  hostname: string,
  { resolve, allowInside }: AddressRules,
): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(literal);
  const addresses = family === 0 ? await resolve(hostname) : [{ address: literal, family }];
  if (!allowInside && addresses.some(({ address }) => !isOutside(address))) throw new AddressRefused(hostname);
  return addresses;
}

/**
 * For sockets: connects to no other address than one that was looked at. A name that was public when it was saved, and is not
 * any more, is refused here.
 */
export function outsideLookup(rules: AddressRules): LookupFunction {
  return (hostname, options, callback) => {
    outsideAddresses(hostname, rules).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined) callback(new Error(`${hostname} has no address`), '', 0);
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: Error) => callback(error, '', 0),
    );
  };
}

const TRIES = 2;
const TRY_MS = 2000;

/**
 * Asks name servers, and not the system: the system's look-ups share four threads, so that a few dead name servers would
 * hold up everybody else's. It knows no `/etc/hosts` either.
 */
export const resolveByDns: Resolve = async (hostname) => {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  const found = await Promise.allSettled([
    resolver.resolve4(hostname).then((all) => all.map((address) => ({ address, family: 4 }))),
    resolver.resolve6(hostname).then((all) => all.map((address) => ({ address, family: 6 }))),
  ]);
  const addresses = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (addresses.length === 0) throw new Error(`${hostname} has no address`);
  return addresses;
};
