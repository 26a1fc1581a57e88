/** Whose address it is, as far as an address tells: an IPv4 address, or the /64 that a customer of a provider has. Pure. */
import { isIPv6 } from 'node:net';

/** IPv4 addresses as sockets that take both kinds show them. */
const MAPPED = '::ffff:';
const GROUPS_OF_NETWORK = 4;
const GROUPS = 8;

/** What is no address is nobody's in particular, and all such are one. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address.length <= '255.255.255.255'.length ? address : UNKNOWN;
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length);
  const [bare = ''] = address.split('%');
  if (!isIPv6(bare)) return UNKNOWN;
  const [head = '', tail] = bare.toLowerCase().split('::');
  const groups = groupsOf(head);
  if (tail !== undefined) {
    const after = groupsOf(tail).length + (tail.includes('.') ? 1 : 0);
    for (let missing = GROUPS - groups.length - after; missing > 0; missing--) groups.push('0');
    groups.push(...groupsOf(tail));
  }
  return `${groups.slice(0, GROUPS_OF_NETWORK).map(shortest).join(':')}::/64`;
}

const UNKNOWN = 'unknown';

const groupsOf = (text: string): string[] => (text === '' ? [] : text.split(':'));
const shortest = (group: string): string => group.replace(/^0+(?=.)/, '');
